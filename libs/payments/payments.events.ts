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

/** A reservation is about to run out while its order is not settled, in the transaction that hears this; once per payment. */
export class AuthorizationExpiring {
  constructor(
    readonly orderNumber: string,
    readonly paymentId: string,
  ) {}
}
