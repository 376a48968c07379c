/** What the parts of the script hand each other. They share one scope, so nothing is imported. */

interface StripeJsError {
  type: string;
  code?: string;
  decline_code?: string;
  param?: string;
  message: string;
  payment_intent?: IntentJson;
  setup_intent?: IntentJson;
  payment_method?: object;
}

interface IntentKind {
  path: string;
  prefix: string;
  result: 'paymentIntent' | 'setupIntent';
  field: 'payment_intent' | 'setup_intent';
  error: 'last_payment_error' | 'last_setup_error';
}

interface IntentJson {
  id: string;
  object: 'payment_intent' | 'setup_intent';
  /** Of a PaymentIntent. */
  amount?: number;
  currency?: string;
  status: string;
  client_secret: string;
  last_payment_error?: StripeJsError | null;
  last_setup_error?: StripeJsError | null;
  next_action: {
    type: string;
    redirect_to_url?: { url: string };
    use_stripe_sdk?: { stripe_js: string };
  } | null;
}

interface ApiAnswer {
  id: string;
  error?: StripeJsError;
}

type IntentResult = { intent: IntentJson; error?: never } | { error: StripeJsError; intent?: never };

/** `{paymentIntent}`, `{setupIntent}` or `{error}`. */
type StripeJsAnswer = { error?: StripeJsError; paymentIntent?: IntentJson; setupIntent?: IntentJson };

/** One input: how it is shown, and what is wrong with what is in it. */
interface CardFieldKind {
  label: string;
  inputMode: 'numeric' | 'email';
  placeholder: string;
  autocomplete: AutoFill;
  /** What is typed, as it is shown. */
  format(text: string): string;
  /** Null when it is complete and right. `early`: said while typing, not only when the field is left. */
  fault(text: string, number: string): { code: string; message: string; early: boolean } | null;
}

type CardFieldName = 'number' | 'expiry' | 'cvc' | 'email';

interface CardField {
  input: HTMLInputElement;
  text(): string;
  fault(): { code: string; message: string; early: boolean } | null;
  /** Writes an error beside the field, or takes it away. */
  show(message: string | null): void;
}

interface ElementsOptions {
  clientSecret?: string;
  mode?: string;
  amount?: number;
  currency?: string;
  appearance?: { theme?: string; variables?: Record<string, string> };
}

/** What `create('card', …)` and its like take, as far as something comes of it here. */
interface ElementOptions {
  style?: { base?: Record<string, unknown>; invalid?: Record<string, unknown> };
  disabled?: boolean;
  defaultValues?: { email?: string; billingDetails?: object };
}

/** A page's `confirmParams`, and the second argument of `confirmCardPayment`. */
type Params = Record<string, unknown>;

interface CardConfirmation extends Params {
  payment_method?: string | { card: StripeElement; billing_details?: object };
}

/** What `confirmPayment` and `confirmSetup` take. */
interface Confirmation {
  elements?: Elements;
  clientSecret?: string;
  confirmParams?: Params;
  redirect?: 'always' | 'if_required';
}

interface PaymentMethodRequest {
  type?: string;
  card?: StripeElement;
  billing_details?: object;
  metadata?: object;
  elements?: Elements;
  params?: { billing_details?: object } & Params;
}
