import { reportLateAnswer } from '../checkout/sessions.async.js';
import { invalidRequest } from '../http/errors.js';
import { emit } from '../webhooks/events.js';
import type { World } from '../world.js';
import { cardByNumber, PROCESSING_FAILED } from './cards.js';
import { createPendingCharge, presentCharge } from './charges.js';
import type { PaymentIntentRecord } from './payment-intent.record.js';
import { authorise, change, decline, type How } from './payment-intents.outcome.js';
import { presentPaymentIntent } from './payment-intents.present.js';
import type { PaymentMethodRecord } from './payment-methods.js';

/** How long the processing test cards take, in seconds of the sandbox's clock. */
const PROCESSING_SECONDS = 60;

/** The bank takes its time: a pending charge, and an intent that can be neither captured nor cancelled (facts §3.1, §3.3). */
export function startProcessing(
  world: World,
  intent: PaymentIntentRecord,
  method: PaymentMethodRecord,
  how: How,
): PaymentIntentRecord {
  const charge = createPendingCharge(world, intent, { ...how, method, decline: null });
  const processing = change(world, intent, {
    status: 'processing',
    latest_charge: charge.id,
    next_action: null,
    authenticated: false,
    processing: { ...how, until: world.clock.seconds() + PROCESSING_SECONDS },
  });
  emit(world, 'charge.pending', presentCharge(charge));
  emit(world, 'payment_intent.processing', presentPaymentIntent(world, processing));
  planProcessingEnd(world, processing);
  return processing;
}

/** The bank's answer comes by the clock, unless the controls give it before. */
export function planProcessingEnd(world: World, intent: PaymentIntentRecord): void {
  if (intent.processing === null) return;
  const { until } = intent.processing;
  world.clock.alarm(until * 1000, () => {
    const current = world.store.paymentIntents.get(intent.id);
    if (current?.processing?.until !== until) return;
    const method = world.store.paymentMethods.get(current.payment_method ?? '');
    const fails = method !== undefined && cardByNumber(method.card_number).processing === 'fails';
    settleProcessing(world, current, fails ? 'failed' : 'succeeded');
    world.store.commit();
  });
}

/** The bank's answer. @throws when there is nothing to answer */
export function settleProcessing(
  world: World,
  intent: PaymentIntentRecord,
  answer: 'succeeded' | 'failed',
): PaymentIntentRecord {
  const method = world.store.paymentMethods.get(intent.payment_method ?? '');
  if (intent.processing === null || method === undefined) {
    throw invalidRequest(`${intent.id} has a status of ${intent.status}, and no bank is asked about it.`);
  }
  if (answer === 'succeeded') authorise(world, intent, method, intent.processing);
  else decline(world, intent, method, PROCESSING_FAILED, intent.processing);
  const settled = world.store.paymentIntents.get(intent.id) ?? intent;
  reportLateAnswer(world, settled);
  return settled;
}
