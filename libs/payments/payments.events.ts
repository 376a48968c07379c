import type { PaymentStatus } from './payment.state-machine.js';

/** A payment changed its status, in the transaction that hears this. */
export class PaymentMoved {
  constructor(
    readonly orderNumber: string,
    readonly paymentId: string,
    readonly from: PaymentStatus,
    readonly to: PaymentStatus,
  ) {}
}

/** A refund was asked for, succeeded, or failed, in the transaction that hears this. */
export class RefundMoved {
  constructor(
    readonly orderNumber: string,
    readonly refundId: string,
    readonly to: 'Pending' | 'Succeeded' | 'Failed',
  ) {}
}

/** A customer's bank disputes the payment, or has decided, in the transaction that hears this. */
export class DisputeMoved {
  constructor(
    readonly orderNumber: string,
    readonly disputeId: string,
    readonly to: 'opened' | 'closed',
  ) {}
}

/** A reservation is about to run out while its order is not settled, in the transaction that hears this; once per payment. */
export class AuthorizationExpiring {
  constructor(
    readonly orderNumber: string,
    readonly paymentId: string,
  ) {}
}
