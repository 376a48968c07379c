import { closeDispute, disputeOf, openDispute } from '../payments/disputes.js';
import { presentDispute } from '../payments/disputes.present.js';
import { presentPaymentIntent } from '../payments/payment-intents.present.js';
import { settleProcessing } from '../payments/payment-intents.processing.js';
import { FAILURE_REASONS, presentRefund, settleRefund } from '../payments/refunds.js';
import type { World } from '../world.js';
import { choice, ControlError, optionalInteger, readInput, requiredString } from './input.js';

/** The controls that let happen to money what banks do with it. */

const DISPUTE_KINDS = ['fraudulent', 'product_not_received', 'inquiry'] as const;

export function dispute(world: World, body: unknown) {
  const input = readInput(body, ['payment_intent', 'amount', 'kind']);
  const id = requiredString(input, 'payment_intent');
  const intent = world.store.paymentIntents.get(id);
  if (intent === undefined) throw new ControlError(`No such payment_intent: ${id}`, 404);
  const charge = world.store.charges.get(intent.latest_charge ?? '');
  if (charge === undefined) throw new ControlError(`${id} has no charge to dispute.`);
  const amount = optionalInteger(input, 'amount', 1, Number.MAX_SAFE_INTEGER);
  const opened = openDispute(world, charge, choice(input, 'kind', DISPUTE_KINDS) ?? 'fraudulent', amount);
  world.store.commit();
  return presentDispute(opened);
}

export function closeDisputeAs(world: World, id: string, body: unknown) {
  const status = choice(readInput(body, ['status']), 'status', ['won', 'lost']);
  if (status === undefined) throw new ControlError('status is required: won or lost.');
  const closed = closeDispute(world, disputeOf(world, id), status);
  world.store.commit();
  return presentDispute(closed);
}

export function settleRefundAs(world: World, id: string, body: unknown) {
  const input = readInput(body, ['status', 'failure_reason']);
  const status = choice(input, 'status', ['succeeded', 'failed']);
  if (status === undefined) throw new ControlError('status is required: succeeded or failed.');
  const reason = choice(input, 'failure_reason', FAILURE_REASONS);
  const refund = world.store.refunds.get(id);
  if (refund === undefined) throw new ControlError(`No such refund: ${id}`, 404);
  const settled = settleRefund(world, refund, status, reason);
  world.store.commit();
  return presentRefund(settled);
}

/** The bank's answer to a payment that is `processing`, before its time. */
export function settlePaymentAs(world: World, id: string, body: unknown) {
  const status = choice(readInput(body, ['status']), 'status', ['succeeded', 'failed']);
  if (status === undefined) throw new ControlError('status is required: succeeded or failed.');
  const intent = world.store.paymentIntents.get(id);
  if (intent === undefined) throw new ControlError(`No such payment_intent: ${id}`, 404);
  const settled = settleProcessing(world, intent, status);
  world.store.commit();
  return presentPaymentIntent(world, settled);
}
