/** Of Stripe.js what pay.js uses (https://docs.stripe.com/js); the package @stripe/stripe-js has all of it. */

interface StripeError {
  type: string;
  code?: string;
  message?: string;
  payment_intent?: { status: string };
}

interface StripePaymentElement {
  mount(selector: string): void;
  on(event: 'ready', handler: () => void): void;
}

interface StripeElements {
  create(type: 'payment'): StripePaymentElement;
}

interface Stripe {
  elements(options: { clientSecret: string }): StripeElements;
  confirmPayment(options: {
    elements: StripeElements;
    confirmParams: { return_url: string };
  }): Promise<{ error?: StripeError }>;
  handleNextAction(options: { clientSecret: string }): Promise<{ error?: StripeError }>;
}

interface Window {
  Stripe?: (publishableKey: string) => Stripe;
}
