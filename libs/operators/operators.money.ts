import type { OrderEntity } from '#orders';
import type { PaymentEntity } from '#payments';
import type { RefundEntity } from '#refunds';
import { formatMoney, sum } from '#platform';

/** Where a part of what was asked for is; in the order in which a picture shows them. */
export type MoneyPlace =
  | 'kept'
  | 'disputed'
  | 'refunding'
  | 'refunded'
  | 'reserved'
  | 'releasing'
  | 'released'
  | 'lapsed'
  | 'awaited'
  | 'never';

export interface MoneyPart {
  readonly place: MoneyPlace;
  /** Minor units, more than 0. */
  readonly amount: number;
}

/** The money of one attempt to pay: parts that make up the whole. */
export interface Money {
  readonly currency: string;
  readonly whole: number;
  readonly parts: readonly MoneyPart[];
  /** What was taken back twice, by a refund and by the bank; minor units. */
  readonly lost: number;
}

export const PLACES: Readonly<Record<MoneyPlace, string>> = {
  kept: 'charged and kept',
  disputed: 'disputed: taken back by the bank',
  refunding: 'being refunded',
  refunded: 'refunded',
  reserved: 'reserved on the card, not charged',
  releasing: 'reserved, and being released',
  released: 'released, not charged',
  lapsed: 'reserved once, ended without a charge',
  awaited: 'asked for, not reserved yet',
  never: 'never reserved',
};

type Asked = Pick<
  PaymentEntity,
  | 'paymentId'
  | 'status'
  | 'currency'
  | 'amount'
  | 'amountAuthorized'
  | 'amountCaptured'
  | 'amountRefunded'
  | 'amountDisputed'
>;

/** Where the money of a payment is. @param refunds of the order; those of other payments do not count */
export function moneyOf(
  payment: Asked,
  refunds: readonly Pick<RefundEntity, 'paymentId' | 'status' | 'amount'>[],
): Money {
  const { paymentId, amount, amountAuthorized, amountCaptured, amountRefunded, amountDisputed, currency } = payment;
  const pending = refunds.filter((refund) => refund.paymentId === paymentId && refund.status === 'Pending');
  const back = [
    { place: 'refunded', amount: amountRefunded },
    { place: 'disputed', amount: amountDisputed },
    { place: 'refunding', amount: sum(pending.map((refund) => refund.amount)) },
  ] as const;
  let left = amountCaptured;
  const taken = back.map(({ place, amount: wanted }) => {
    const part = { place, amount: Math.min(wanted, left) };
    left -= part.amount;
    return part;
  });
  const reserved = Math.max(amountAuthorized, amountCaptured);
  const whole = Math.max(amount, reserved);
  const parts: MoneyPart[] = [
    ...taken,
    { place: 'kept', amount: left },
    { place: placeOfReservation(payment), amount: reserved - amountCaptured },
    { place: mayStillBeReserved(payment) ? 'awaited' : 'never', amount: whole - reserved },
  ];
  const places = Object.keys(PLACES);
  return {
    ...{ currency, whole },
    parts: parts.filter((part) => part.amount > 0).sort((a, b) => places.indexOf(a.place) - places.indexOf(b.place)),
    lost: Math.max(0, amountRefunded + amountDisputed - amountCaptured),
  };
}

/** Where that part of a reservation is that was not charged. */
function placeOfReservation({ status }: Pick<Asked, 'status'>): MoneyPlace {
  switch (status) {
    case 'Initializing':
    case 'Pending':
    case 'Processing':
    case 'Authorized':
    case 'Capturing':
      return 'reserved';
    case 'Releasing':
      return 'releasing';
    case 'Captured':
    case 'PartiallyCaptured':
    case 'Released':
    case 'NotRequired':
      return 'released';
    case 'Abandoned':
    case 'Expired':
    case 'Failed':
      return 'lapsed';
  }
}

function mayStillBeReserved({ status }: Pick<Asked, 'status'>): boolean {
  return status === 'Initializing' || status === 'Pending' || status === 'Processing';
}

/** The same in a sentence. */
export function moneySentence({ currency, whole, parts, lost }: Money): string {
  if (whole === 0) return 'Free: no money moves.';
  const told = parts.map(({ place, amount }) => `${formatMoney(amount, currency)} ${PLACES[place]}`);
  const twice = lost > 0 ? ` ${formatMoney(lost, currency)} went back twice, by a refund and by the bank.` : '';
  return `Of ${formatMoney(whole, currency)}: ${told.join(' · ')}.${twice}`;
}

/** The money of an order as it is now; of its attempts to pay, the one that counts. */
export function moneyOfOrder(
  { totalAmount, currency, payment: summary }: Pick<OrderEntity, 'totalAmount' | 'currency' | 'payment'>,
  payments: readonly PaymentEntity[],
  refunds: readonly RefundEntity[],
): Money {
  const payment = payments.find(({ paymentId }) => paymentId === summary?.paymentId);
  if (payment) return moneyOf(payment, refunds);
  const parts = totalAmount > 0 ? [{ place: 'never', amount: totalAmount } as const] : [];
  return { currency, whole: totalAmount, parts, lost: 0 };
}
