import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { Clock, Events, within, type Tx } from '#platform';
import { OrdersRepository, type Actor } from '#orders';
import { DisputeEntity } from './dispute.entity.js';
import { DISPUTE_DECIDED, type DisputeStatus } from './dispute.state-machine.js';
import type { PaymentEntity } from '#payments';
import { amountDisputed, type DisputeStep, type DisputeTruth } from './disputes.decision.js';
import { DisputeMoved } from './refunds.events.js';
import { PaymentsRepository } from '#payments';

@Injectable()
export class DisputesRepository {
  constructor(
    @InjectRepository(DisputeEntity) private readonly rows: Repository<DisputeEntity>,
    private readonly payments: PaymentsRepository,
    private readonly orders: OrdersRepository,
    private readonly events: Events,
    private readonly clock: Clock,
  ) {}

  /** Every dispute of a payment. */
  async of(paymentId: string, tx?: Tx): Promise<DisputeEntity[]> {
    return within(this.rows, tx).findBy({ paymentId });
  }

  /** For people: the newest disputes of an order. */
  async ofOrder(orderNumber: string, limit: number): Promise<DisputeEntity[]> {
    const order = { createdAt: 'DESC', disputeId: 'DESC' } as const;
    return this.rows.find({ where: { orderNumber }, order, take: limit });
  }

  /**
   * Writes disputes, their history, and what the payment and the order show of them. The order is locked by the caller.
   * @param payment as it was read under that lock
   */
  async write(tx: Tx, payment: PaymentEntity, steps: readonly DisputeStep[], actor: Actor): Promise<void> {
    const news: DisputeMoved[] = [];
    for (const step of steps) {
      if (step.kind === 'open') news.push(...(await this.open(tx, payment, step.truth, actor)));
      else news.push(...(await this.change(tx, step.dispute, step.fields, actor)));
    }
    if (steps.length === 0) return;
    const fields = { amountDisputed: amountDisputed(payment, await this.of(payment.paymentId, tx)) };
    await this.payments.change(tx, payment, { actor, fields });
    // Last: whoever hears it finds the sums that follow from it.
    for (const event of news) await this.events.emit(tx, event);
  }

  private async open(tx: Tx, payment: PaymentEntity, truth: DisputeTruth, actor: Actor): Promise<DisputeMoved[]> {
    const { paymentId, orderNumber } = payment;
    const updatedAt = this.clock.now();
    const dispute: DisputeEntity = { ...truth, paymentId, orderNumber, previousStatus: null, updatedAt };
    await tx.manager.insert(DisputeEntity, dispute);
    // One that was decided before we heard of it was opened before: its history is the same as if we had.
    if (!DISPUTE_DECIDED.includes(truth.status)) return [await this.note(tx, dispute, null, actor)];
    return [
      await this.note(tx, { ...dispute, status: 'Open' }, null, actor),
      await this.note(tx, dispute, 'Open', actor),
    ];
  }

  private async change(
    tx: Tx,
    known: DisputeEntity,
    changed: Partial<DisputeEntity>,
    actor: Actor,
  ): Promise<DisputeMoved[]> {
    const next: DisputeEntity = { ...known, ...changed, updatedAt: this.clock.now() };
    const moved = next.status !== known.status;
    if (moved) next.previousStatus = known.status;
    const { disputeId, status, previousStatus, amount, chargeRefundable, updatedAt } = next;
    const fields = { status, previousStatus, amount, chargeRefundable, updatedAt };
    await tx.manager.update(DisputeEntity, { disputeId }, fields);
    return moved ? [await this.note(tx, next, known.status, actor)] : [];
  }

  /** @returns what is to be told when everything is written */
  private async note(tx: Tx, dispute: DisputeEntity, from: DisputeStatus | null, actor: Actor): Promise<DisputeMoved> {
    const { orderNumber, disputeId, status: to, amount, currency, reason } = dispute;
    const decided = DISPUTE_DECIDED.includes(to);
    const detail = { disputeId, amount, currency, reason, ...(decided && { outcome: to.toLowerCase() }) };
    const type = decided ? 'dispute.closed' : 'dispute.opened';
    await this.orders.note(tx, orderNumber, { type, from, to, actor, detail });
    return new DisputeMoved(orderNumber, disputeId, decided ? 'closed' : 'opened');
  }
}
