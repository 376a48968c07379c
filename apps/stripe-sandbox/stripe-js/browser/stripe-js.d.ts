/** What the parts of the script hand each other. They share one scope, so nothing is imported. */

interface StripeJsError {
  type: string;
  code?: string;
  decline_code?: string;
  param?: string;
  message: string;
  payment_intent?: PaymentIntentJson;
  payment_method?: object;
}

interface PaymentIntentJson {
  id: string;
  object: 'payment_intent';
  amount: number;
  currency: string;
  status: string;
  client_secret: string;
  last_payment_error: StripeJsError | null;
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

type IntentResult =
  { paymentIntent: PaymentIntentJson; error?: never } | { error: StripeJsError; paymentIntent?: never };

/** One input of a card: how it is shown, and what is wrong with what is in it. */
interface CardFieldKind {
  label: string;
  placeholder: string;
  autocomplete: AutoFill;
  /** What is typed, as it is shown. */
  format(text: string): string;
  /** Null when it is complete and right. `early`: said while typing, not only when the field is left. */
  fault(text: string, number: string): { code: string; message: string; early: boolean } | null;
}

type CardFieldName = 'number' | 'expiry' | 'cvc';

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
}

/** A page's `confirmParams`, and the second argument of `confirmCardPayment`. */
type Params = Record<string, unknown>;
