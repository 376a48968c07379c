import { invalidRequest, type StripeError } from '../http/errors.js';

/** https://docs.stripe.com/payments/paymentintents/lifecycle, and facts §3.1. */
export type Status =
  | 'requires_payment_method'
  | 'requires_confirmation'
  | 'requires_action'
  | 'processing'
  | 'requires_capture'
  | 'succeeded'
  | 'canceled';

/** Every move that a PaymentIntent can make; a status that is missing here does not compile. */
const MOVES: Readonly<Record<Status, readonly Status[]>> = {
  requires_payment_method: [
    'requires_confirmation',
    'requires_action',
    'processing',
    'requires_capture',
    'succeeded',
    'canceled',
  ],
  requires_confirmation: [
    'requires_payment_method',
    'requires_action',
    'processing',
    'requires_capture',
    'succeeded',
    'canceled',
  ],
  requires_action: [
    'requires_payment_method',
    'requires_confirmation',
    'processing',
    'requires_capture',
    'succeeded',
    'canceled',
  ],
  processing: ['requires_payment_method', 'requires_capture', 'succeeded'],
  requires_capture: ['succeeded', 'canceled'],
  succeeded: [],
  canceled: [],
};

/** A bug in the sandbox, not an answer: the endpoints have checked the status before. */
export function assertMove(from: Status, to: Status): void {
  if (from !== to && !MOVES[from].includes(to)) throw new Error(`a PaymentIntent cannot go from ${from} to ${to}`);
}

/** What may be asked of a PaymentIntent in which statuses, and Stripe's sentence when it may not. */
const OPERATIONS = {
  confirm: {
    allowed: ['requires_payment_method', 'requires_confirmation', 'requires_action'],
    refusal: (status: Status) =>
      status === 'succeeded'
        ? 'You cannot confirm this PaymentIntent because it has already succeeded after being previously confirmed.'
        : `You cannot confirm this PaymentIntent because it has a status of ${status}. Only a PaymentIntent with one of the ` +
          'following statuses may be confirmed: requires_confirmation, requires_action.',
  },
  capture: {
    allowed: ['requires_capture'],
    refusal: (status: Status) =>
      status === 'succeeded'
        ? 'This PaymentIntent could not be captured because it has already been captured.'
        : `This PaymentIntent could not be captured because it has a status of ${status}. Only a PaymentIntent with one of ` +
          'the following statuses may be captured: requires_capture.',
  },
  cancel: {
    // "In rare cases, processing" (the package on cancel): not while a bank is asked about a card.
    allowed: ['requires_payment_method', 'requires_capture', 'requires_confirmation', 'requires_action'],
    refusal: (status: Status) =>
      `You cannot cancel this PaymentIntent because it has a status of ${status}. Only a PaymentIntent with one of the ` +
      'following statuses may be canceled: requires_payment_method, requires_capture, requires_confirmation, ' +
      'requires_action.',
  },
} as const satisfies Record<string, { allowed: readonly Status[]; refusal: (status: Status) => string }>;

export type Operation = keyof typeof OPERATIONS;

/** Statuses before the confirmation has come to an end: only then may what is to be paid be changed (facts §3.4). */
const BEFORE_CONFIRMATION: readonly Status[] = ['requires_payment_method', 'requires_confirmation', 'requires_action'];

/** @param presented the whole object, which the error carries. @throws payment_intent_unexpected_state */
export function refuseUnless(operation: Operation, status: Status, presented: object): void {
  const rule: { allowed: readonly Status[]; refusal: (status: Status) => string } = OPERATIONS[operation];
  if (!rule.allowed.includes(status)) throw unexpectedState(rule.refusal(status), presented);
}

export function refuseChangeUnlessOpen(parameter: string, status: Status, presented: object): void {
  if (BEFORE_CONFIRMATION.includes(status)) return;
  const message =
    `This PaymentIntent's ${parameter} could not be updated because it has a status of ${status}. You may only update the ` +
    `${parameter} of a PaymentIntent with one of the following statuses: ${BEFORE_CONFIRMATION.join(', ')}.`;
  throw unexpectedState(message, presented);
}

export function unexpectedState(message: string, presented: object): StripeError {
  return invalidRequest(message, { code: 'payment_intent_unexpected_state', payment_intent: presented });
}
