import { currencyRules, formatMoney, sum } from '#platform';
import { invalidValue, Problem, requestFault, type ProblemKind, type ValidationMessage } from '#http';
import { refusal, type OrderEntity, type OrderItemEntity } from '#orders';
import type { CreateRefundDto } from './dto/refund.dto.js';
import type { DisputeEntity } from './dispute.entity.js';
import type { PaymentEntity } from '#payments';
import { forbidsRefunds } from './disputes.decision.js';
import {
  NOT_IN_STATE_TO_REFUND,
  PAYMENT_DISPUTED,
  REFUND_EXCEEDS_CAPTURED,
  REFUND_ITEM_NOT_REFUNDABLE,
} from './refunds.errors.js';
import type { RefundEntity } from './refund.entity.js';

/** What a refund is decided on; read under the order's lock, where nobody else can take from it. */
export interface RefundGround {
  readonly order: OrderEntity;
  readonly payment: PaymentEntity | null;
  readonly refunds: readonly RefundEntity[];
  readonly disputes: readonly DisputeEntity[];
}

/** What is to be refunded; amount in minor units. */
export interface RefundWish {
  readonly amount: number;
  readonly orderItemNumbers: string[] | null;
}

/** Captured, less what is refunded and what may still be; minor units. What failed is free again. */
export function leftToRefund(payment: PaymentEntity, refunds: readonly RefundEntity[]): number {
  return payment.amountCaptured - sum(standing(refunds).map(({ amount }) => amount));
}

/**
 * The state, which comes before the body.
 * @throws Problem 409 when nothing was charged, the charge is disputed, or nothing is left
 */
export function refuseUnrefundable({ order, payment, refunds, disputes }: RefundGround): PaymentEntity {
  if (!payment || payment.amountCaptured === 0) throw refusal(NOT_IN_STATE_TO_REFUND, order);
  if (forbidsRefunds(disputes)) throw refusedByState(PAYMENT_DISPUTED, order);
  if (leftToRefund(payment, refunds) <= 0)
    throw refusedByState(REFUND_EXCEEDS_CAPTURED, order, leftText(payment, refunds));
  return payment;
}

/** What the body says about an order, beside its own rules. */
export function faultsOfRefund(
  order: OrderEntity,
  { amount, orderItemNumbers }: { readonly [Name in keyof CreateRefundDto]?: unknown },
): ValidationMessage[] {
  const multipleOf = currencyRules(order.currency)?.multipleOf ?? 1;
  const known = new Set<unknown>(order.items.map(({ orderItemNumber }) => orderItemNumber));
  const unknown = Array.isArray(orderItemNumbers) ? orderItemNumbers.filter((number) => !known.has(number)) : [];
  return [
    ...(amount != null && orderItemNumbers != null
      ? [requestFault('amount-and-items', 'Send amount or orderItemNumbers, not both', ['amount', 'orderItemNumbers'])]
      : []),
    ...(Number.isInteger(amount) && Number(amount) % multipleOf !== 0
      ? [invalidValue('amount', `must be a multiple of ${multipleOf} in ${order.currency}`)]
      : []),
    ...(unknown.length > 0 ? [invalidValue('orderItemNumbers', 'names items that this order does not have')] : []),
  ];
}

/** @throws Problem 409 when an item or the amount cannot be refunded */
export function wishOf(ground: RefundGround, payment: PaymentEntity, dto: CreateRefundDto): RefundWish {
  const { order, refunds } = ground;
  const left = leftToRefund(payment, refunds);
  const orderItemNumbers = dto.orderItemNumbers ?? null;
  const amount = orderItemNumbers ? valueOf(ground, orderItemNumbers) : (dto.amount ?? left);
  if (amount > left) throw refusedByState(REFUND_EXCEEDS_CAPTURED, order, leftText(payment, refunds));
  return { amount, orderItemNumbers };
}

/** @returns the value of the items, minor units; a free one may go along with others */
function valueOf({ order, refunds }: RefundGround, numbers: readonly string[]): number {
  const items = order.items.filter(({ orderItemNumber }) => numbers.includes(orderItemNumber));
  const refunded = new Set(standing(refunds).flatMap(({ orderItemNumbers }) => orderItemNumbers ?? []));
  const value = sum(items.map(({ totalAmount }) => totalAmount));
  const faults = items.flatMap((item) => faultsOfItem(item, refunded, value));
  if (faults.length === 0) return value;
  throw new Problem(REFUND_ITEM_NOT_REFUNDABLE, {
    detail: faults.map(({ message }) => message).join('; '),
    members: { orderStatus: order.status },
    validationMessages: faults,
  });
}

function faultsOfItem(
  { orderItemNumber, status }: OrderItemEntity,
  refunded: ReadonlySet<string>,
  value: number,
): ValidationMessage[] {
  const fault = (why: string): ValidationMessage[] => {
    const message = `The item ${orderItemNumber} ${why}`;
    return [{ code: REFUND_ITEM_NOT_REFUNDABLE.code, level: 'Error', message, source: 'orderItem', orderItemNumber }];
  };
  if (status !== 'Delivered') return fault(`is ${status}, and so was not charged`);
  if (refunded.has(orderItemNumber)) return fault('is refunded already, or about to be');
  return value === 0 ? fault('was free') : [];
}

/** The 409 that gives the order's status, and why. */
export function refusedByState(kind: ProblemKind, order: OrderEntity, detail = kind.title): Problem {
  return new Problem(kind, {
    detail,
    members: { orderStatus: order.status },
    validationMessages: [{ code: kind.code, level: 'Error', message: detail, source: 'payment' }],
  });
}

export function leftText(payment: PaymentEntity, refunds: readonly RefundEntity[]): string {
  return `${formatMoney(leftToRefund(payment, refunds), payment.currency)} are left to refund`;
}

function standing(refunds: readonly RefundEntity[]): RefundEntity[] {
  return refunds.filter(({ status }) => status !== 'Failed');
}
