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
