/** Of Stripe.js what pay.js uses (https://docs.stripe.com/js); the package @stripe/stripe-js has all of it. */

interface StripePaymentIntent {
  status: string;
  /** Null as long as the card is not to be saved. */
  setup_future_usage: 'on_session' | 'off_session' | null;
}

interface StripeError {
  type: string;
  code?: string;
  message?: string;
  payment_intent?: StripePaymentIntent;
}

interface StripePaymentElement {
  mount(selector: string): void;
  on(event: 'ready', handler: () => void): void;
}

interface StripeElements {
  create(type: 'payment'): StripePaymentElement;
  /** Shows what the server has changed at the intent since: with the card to be saved, Stripe adds its terms. */
  fetchUpdates(): Promise<{ error?: StripeError }>;
}

interface Stripe {
  elements(options: { clientSecret: string }): StripeElements;
  retrievePaymentIntent(clientSecret: string): Promise<{ error?: StripeError; paymentIntent?: StripePaymentIntent }>;
  confirmPayment(options: {
    elements: StripeElements;
    confirmParams: { return_url: string };
  }): Promise<{ error?: StripeError }>;
  handleNextAction(options: { clientSecret: string }): Promise<{ error?: StripeError }>;
}

interface Window {
  Stripe?: (publishableKey: string) => Stripe;
}
