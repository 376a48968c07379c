import { Injectable } from '@nestjs/common';
import { Clock, Database, Events, type Tx } from '#platform';
import { OrdersRepository, type Actor } from '#orders';
import { DisputeEntity } from './dispute.entity.js';
import { DISPUTE_DECIDED, type DisputeStatus } from './dispute.state-machine.js';
import type { PaymentEntity } from './payment.entity.js';
import { amountDisputed, type DisputeStep, type DisputeTruth } from './payments.dispute-decision.js';
import { DisputeMoved } from './payments.events.js';
import { PaymentsRepository } from './payments.repository.js';

@Injectable()
export class DisputesRepository {
  constructor(
    private readonly database: Database,
    private readonly payments: PaymentsRepository,
    private readonly orders: OrdersRepository,
    private readonly events: Events,
    private readonly clock: Clock,
  ) {}

  /** Every dispute of a payment. */
  async of(paymentId: string, manager = this.database.manager): Promise<DisputeEntity[]> {
    return manager.findBy(DisputeEntity, { paymentId });
  }

  /**
   * Writes disputes, their history, and what the payment and the order show of them. The order is locked by the caller.
   * @param payment as it was read under that lock
   */
  async write(tx: Tx, payment: PaymentEntity, steps: readonly DisputeStep[], actor: Actor): Promise<void> {
    for (const step of steps) {
      if (step.kind === 'open') await this.open(tx, payment, step.truth, actor);
      else await this.change(tx, step.dispute, step.fields, actor);
    }
    if (steps.length === 0) return;
    const fields = { amountDisputed: amountDisputed(payment, await this.of(payment.paymentId, tx.manager)) };
    await this.payments.change(tx, payment, { actor, fields });
  }

  private async open(tx: Tx, payment: PaymentEntity, truth: DisputeTruth, actor: Actor): Promise<void> {
    const { paymentId, orderNumber } = payment;
    const updatedAt = this.clock.now();
    const dispute: DisputeEntity = { ...truth, paymentId, orderNumber, previousStatus: null, updatedAt };
    await tx.manager.insert(DisputeEntity, dispute);
    // One that was decided before we heard of it was opened before: its history is the same as if we had.
    if (DISPUTE_DECIDED.includes(truth.status)) await this.tell(tx, { ...dispute, status: 'Open' }, null, actor);
    await this.tell(tx, dispute, DISPUTE_DECIDED.includes(truth.status) ? 'Open' : null, actor);
  }

  private async change(tx: Tx, known: DisputeEntity, changed: Partial<DisputeEntity>, actor: Actor): Promise<void> {
    const next: DisputeEntity = { ...known, ...changed, updatedAt: this.clock.now() };
    const moved = next.status !== known.status;
    if (moved) next.previousStatus = known.status;
    const { disputeId, status, previousStatus, amount, chargeRefundable, updatedAt } = next;
    const fields = { status, previousStatus, amount, chargeRefundable, updatedAt };
    await tx.manager.update(DisputeEntity, { disputeId }, fields);
    if (moved) await this.tell(tx, next, known.status, actor);
  }

  private async tell(tx: Tx, dispute: DisputeEntity, from: DisputeStatus | null, actor: Actor): Promise<void> {
    const { orderNumber, disputeId, status: to, amount, currency, reason } = dispute;
    const decided = DISPUTE_DECIDED.includes(to);
    const detail = { disputeId, amount, currency, reason, ...(decided && { outcome: to.toLowerCase() }) };
    const type = decided ? 'dispute.closed' : 'dispute.opened';
    await this.orders.note(tx, orderNumber, { type, from, to, actor, detail });
    await this.events.emit(tx, new DisputeMoved(orderNumber, disputeId, decided ? 'closed' : 'opened'));
  }
}
