import type { OrderEntity } from '#orders';
import type { InitPaymentDto } from './dto/init-payment.dto.js';
import type { PaymentEntity } from './payment.entity.js';
import type { Created, CreateParams } from './payments.create.js';

/** Marks an object at Stripe as ours; other applications may share the account. */
export const METADATA_SOURCE = 'holdfast';

export const FREE_ANSWER = JSON.stringify({ initPaymentData: { result: true }, validationMessages: [] });

/**
 * What Stripe is asked for: cards only, and always a reservation only.
 * @param sessionEndsAt when the hosted page can no longer be paid on
 */
export function createParamsOf(
  order: OrderEntity,
  paymentId: string,
  dto: InitPaymentDto,
  sessionEndsAt?: Date,
): CreateParams {
  const { orderNumber, accountId, totalAmount } = order;
  const currency = order.currency.toLowerCase();
  const metadata = { source: METADATA_SOURCE, paymentId, orderNumber, accountId };
  const description = `Order ${orderNumber}`;
  const save = dto.savePaymentMethod === true ? ({ setup_future_usage: 'on_session' } as const) : {};
  if (!dto.createCheckoutSession) {
    return {
      procedure: 'intent',
      intent: {
        ...{ amount: totalAmount, currency, capture_method: 'manual', metadata, description, ...save },
        allowed_payment_method_types: ['card'],
        automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
        ...(dto.paymentMethodId !== undefined && { payment_method: dto.paymentMethodId, confirm: true }),
      },
    };
  }
  return {
    procedure: 'checkout',
    session: {
      mode: 'payment',
      allowed_payment_method_types: ['card'],
      line_items: order.items.map(({ name, quantity, unitAmount }) => ({
        quantity,
        price_data: { currency, unit_amount: unitAmount, product_data: { name } },
      })),
      success_url: dto.successUrl ?? '',
      cancel_url: dto.errorUrl ?? '',
      // Absent: Stripe's own 24 hours.
      ...(sessionEndsAt && { expires_at: Math.floor(sessionEndsAt.getTime() / 1000) }),
      payment_intent_data: { capture_method: 'manual', metadata, description, ...save },
      // Absent: the customer is shown a box to tick.
      ...(dto.savePaymentMethod === undefined && { saved_payment_method_options: { payment_method_save: 'enabled' } }),
      ...{ metadata, client_reference_id: orderNumber, adaptive_pricing: { enabled: false } },
    },
  };
}

/** The body of the answer; stored, and repeated byte for byte while the payment is under way. */
export function answerOf(payment: PaymentEntity, created: Created, paymentApiKey: string): string {
  const { intent, session, truth } = created;
  if (session) {
    const secret = session.client_secret ? { clientSecret: session.client_secret } : {};
    const data = { sessionId: session.id, checkoutUrl: session.url, ...secret, paymentApiKey, result: true };
    return JSON.stringify({ initPaymentData: data, validationMessages: [] });
  }
  const params = payment.createParams as Extract<CreateParams, { procedure: 'intent' }>;
  const oneClick = params.intent.confirm === true;
  const messages = oneClick ? oneClickMessages(truth) : [];
  const data = { clientSecret: intent?.client_secret, paymentApiKey, result: messages.length === 0 };
  return JSON.stringify({ initPaymentData: data, validationMessages: messages });
}

/** Why a one-click payment is not confirmed yet; none when it is. */
function oneClickMessages(truth: Created['truth']): { code: string; level: string; message: string; source: string }[] {
  const message = (code: string, text: string) => [{ code, level: 'Warning', message: text, source: 'payment' }];
  switch (truth.kind) {
    case 'authorized':
    case 'captured':
      return [];
    case 'processing':
      return message('payment-processing', 'The payment is being processed');
    case 'open':
      return truth.actionRequired || truth.declineCode === undefined
        ? message('payment-action-required', 'The customer must authenticate; go on with the clientSecret')
        : message('payment-method-declined', `The card was declined: ${truth.declineCode}`);
    // Neither is what a one-click payment comes to at once.
    case 'page-failed':
    case 'ended':
      return message('payment-action-required', 'The payment ended; begin another');
  }
}
