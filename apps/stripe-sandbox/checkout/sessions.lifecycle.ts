import { invalidRequest } from '../http/errors.js';
import { newId } from '../state/ids.js';
import { emit } from '../webhooks/events.js';
import type { World } from '../world.js';
import { presentCustomer } from '../payments/customers.js';
import type { PaymentIntentRecord } from '../payments/payment-intent.record.js';
import { endChallenge, tryToPay } from '../payments/payment-intents.confirm.js';
import { blankIntent } from '../payments/payment-intents.create.js';
import { change } from '../payments/payment-intents.outcome.js';
import { presentPaymentIntent } from '../payments/payment-intents.present.js';
import { cancel } from '../payments/payment-intents.settle.js';
import type { PaymentMethodRecord } from '../payments/payment-methods.js';
import type { CheckoutSessionRecord } from './session.record.js';
import { pageUrl, presentSession } from './sessions.present.js';

export function planSessionExpiry(world: World, session: CheckoutSessionRecord): void {
  world.clock.alarm(session.expires_at * 1000, () => {
    const current = world.store.sessions.get(session.id);
    if (current?.status !== 'open') return;
    endSession(world, current);
    world.store.commit();
  });
}

/** POST /v1/checkout/sessions/:id/expire: only an open session (facts §2.2). */
export function expireSession(world: World, session: CheckoutSessionRecord): CheckoutSessionRecord {
  if (session.status === 'open') return endSession(world, session);
  const message = `Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of ${session.status}.`;
  throw invalidRequest(message);
}

/** Expires the session, and with it the PaymentIntent of an attempt that came to nothing. */
function endSession(world: World, session: CheckoutSessionRecord): CheckoutSessionRecord {
  const expired = world.store.sessions.update(session, { status: 'expired' });
  const intent = world.store.paymentIntents.get(session.payment_intent ?? '');
  if (intent !== undefined && intent.status !== 'succeeded' && intent.status !== 'canceled')
    cancel(world, intent, 'automatic');
  emit(world, 'checkout.session.expired', presentSession(world, expired));
  return expired;
}

/** What the customer filled in on the page, beside the card. */
export interface PageConfirmation {
  readonly email: string | null;
  readonly name: string | null;
  readonly save: boolean;
}

/**
 * The customer presses "pay": the PaymentIntent comes into being with the first attempt, and later attempts use the same.
 * @throws the card's error; the session stays open
 */
export function paySession(
  world: World,
  session: CheckoutSessionRecord,
  method: PaymentMethodRecord,
  confirmation: PageConfirmation,
): CheckoutSessionRecord {
  const saving = savingOf(session, confirmation.save);
  const details = { email: confirmation.email ?? emailOf(world, session), name: confirmation.name };
  const prepared = world.store.sessions.update(session, {
    customer: session.customer ?? newCustomer(world, session, details, saving !== null),
    customer_details: details,
  });
  const intent = change(world, intentOfSession(world, prepared), {
    setup_future_usage: saving,
    customer: prepared.customer,
  });
  const chosen = saving === null ? method : markRedisplay(world, method, prepared, confirmation.save);
  const tried = tryToPay(world, intent, chosen, {
    offSession: false,
    errorOnRequiresAction: false,
    useStripeSdk: false,
    returnUrl: `${pageUrl(world, prepared)}/return`,
  });
  return completeIfConfirmed(world, prepared, tried);
}

/** Setup by the integration wins; otherwise the customer's tick decides (facts §2.1). */
function savingOf(session: CheckoutSessionRecord, ticked: boolean): 'on_session' | 'off_session' | null {
  const forced = session.payment_intent_data.setup_future_usage;
  if (forced !== null) return forced;
  return ticked && offersToSave(session) ? 'on_session' : null;
}

/** The page offers a box to tick when the session allows it and there is a customer to save for. */
export function offersToSave(session: CheckoutSessionRecord): boolean {
  return session.customer !== null && session.saved_payment_method_options?.payment_method_save === 'enabled';
}

/** A customer's own tick is consent to be shown the card again; a save forced by the integration is not (facts §2.1, §4.7). */
function markRedisplay(
  world: World,
  method: PaymentMethodRecord,
  session: CheckoutSessionRecord,
  ticked: boolean,
): PaymentMethodRecord {
  if (method.customer !== null) return method;
  const allow_redisplay = session.allow_redisplay ?? (ticked ? 'always' : 'limited');
  return world.store.paymentMethods.update(method, { allow_redisplay });
}

function emailOf(world: World, session: CheckoutSessionRecord): string | null {
  return world.store.customers.get(session.customer ?? '')?.email ?? session.customer_email;
}

/** A guest becomes a customer when the session says so, or when the card is to be saved. */
function newCustomer(
  world: World,
  session: CheckoutSessionRecord,
  details: { readonly email: string | null; readonly name: string | null },
  saving: boolean,
): string | null {
  if (session.customer_creation !== 'always' && !saving) return null;
  const customer = world.store.customers.insert({
    id: newId('cus'),
    created: world.clock.seconds(),
    address: null,
    description: null,
    email: details.email,
    name: details.name,
    phone: null,
    preferred_locales: [],
    shipping: null,
    metadata: {},
    deleted: false,
  });
  emit(world, 'customer.created', presentCustomer(customer));
  return customer.id;
}

function intentOfSession(world: World, session: CheckoutSessionRecord): PaymentIntentRecord {
  const existing = world.store.paymentIntents.get(session.payment_intent ?? '');
  if (existing !== undefined) return existing;
  const data = session.payment_intent_data;
  const intent = world.store.paymentIntents.insert({
    ...blankIntent(newId('pi'), world.clock.seconds(), session.amount_total, session.currency),
    ...data,
    customer: session.customer,
    automatic_payment_methods: null,
    allowed_payment_method_types: session.allowed_payment_method_types,
    session: session.id,
  });
  world.store.sessions.update(session, { payment_intent: intent.id });
  emit(world, 'payment_intent.created', presentPaymentIntent(world, intent));
  return intent;
}

/** A session whose total is 0 is confirmed without a PaymentIntent (facts §7.6). */
export function completeFreeSession(world: World, session: CheckoutSessionRecord): CheckoutSessionRecord {
  return complete(world, session);
}

function completeIfConfirmed(
  world: World,
  session: CheckoutSessionRecord,
  intent: PaymentIntentRecord,
): CheckoutSessionRecord {
  const current = world.store.sessions.get(session.id) ?? session;
  const confirmed = ['processing', 'requires_capture', 'succeeded'].includes(intent.status);
  return confirmed && current.status === 'open' ? complete(world, current) : current;
}

function complete(world: World, session: CheckoutSessionRecord): CheckoutSessionRecord {
  const completed = world.store.sessions.update(session, { status: 'complete' });
  emit(world, 'checkout.session.completed', presentSession(world, completed));
  return completed;
}

/** The end of 3-D Secure for any intent; if it belongs to an open session, that completes too. */
export function endChallengeAndSession(
  world: World,
  intent: PaymentIntentRecord,
  succeeded: boolean,
): PaymentIntentRecord {
  const ended = endChallenge(world, intent, succeeded);
  const session = world.store.sessions.get(ended.session ?? '');
  if (session !== undefined) completeIfConfirmed(world, session, ended);
  return ended;
}
