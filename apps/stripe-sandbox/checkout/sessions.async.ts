import type { PaymentIntentRecord } from '../payments/payment-intent.record.js';
import { emit } from '../webhooks/events.js';
import type { World } from '../world.js';
import { presentSession } from './sessions.present.js';

/**
 * A session whose page is done hears of a bank that answered later. With manual capture there is no success to tell yet:
 * nothing is paid before the capture (facts §2.3).
 */
export function reportLateAnswer(world: World, intent: PaymentIntentRecord): void {
  const session = world.store.sessions.get(intent.session ?? '');
  if (session === undefined) return;
  if (intent.status === 'succeeded') {
    emit(world, 'checkout.session.async_payment_succeeded', presentSession(world, session));
  }
  if (intent.status === 'requires_payment_method') {
    emit(world, 'checkout.session.async_payment_failed', presentSession(world, session));
  }
}
