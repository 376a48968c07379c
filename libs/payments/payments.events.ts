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
