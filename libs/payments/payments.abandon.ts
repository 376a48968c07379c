import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, Database, Jobs, type Config } from '#platform';
import type { NothingDto, RequestBody } from '#http';
import { OrdersRepository, refusal, type Actor, type OrderEntity, type OrderItemEntity } from '#orders';
import { StripeNotFound, StripeUnavailable } from '#stripe';
import type { PaymentEntity, ReleaseReason } from './payment.entity.js';
import {
  NOT_IN_STATE_TO_ABANDON,
  NOT_IN_STATE_TO_CANCEL,
  ORDER_ALREADY_SETTLED,
  PAYMENT_ALREADY_CONFIRMED,
} from './payments.errors.js';
import { RELEASE_PAYMENT } from './payments.queues.js';
import { PaymentsRelease, type Release } from './payments.release.js';
import { PaymentsRepository } from './payments.repository.js';

/** A release in the caller's presence comes first; the job finishes what its process did not live to finish. */
const JOB_AFTER_SECONDS = 65;
const POLL_MS = 50;

/** Abandon and cancel: the customer's and the partner's way out, before and after the reservation. */
@Injectable()
export class PaymentsAbandon {
  constructor(
    private readonly database: Database,
    private readonly orders: OrdersRepository,
    private readonly repository: PaymentsRepository,
    private readonly release: PaymentsRelease,
    private readonly jobs: Jobs,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * Brings an order in Payment back to Placed.
   * @param body looked at when there is something to abandon, as in {@link cancel}
   * @throws Problem 409 `payment-already-confirmed` when the reservation was already made; the order is Paid then
   */
  async abandon(orderNumber: string, actor: Actor, body: RequestBody<NothingDto>): Promise<OrderEntity> {
    const paymentId = await this.claimAbandon(orderNumber, actor, body);
    if (paymentId === undefined) return this.orders.get(orderNumber);
    const release = await this.finish(paymentId);
    const order = await this.orders.get(orderNumber);
    if (release === 'confirmed') throw refusal(PAYMENT_ALREADY_CONFIRMED, order);
    // A cancellation or an expiry that was under way has won.
    if (OVERTAKEN_BY.includes(order.status)) throw refusal(NOT_IN_STATE_TO_ABANDON, order);
    return order;
  }

  /**
   * Cancels an order, whatever was reserved for it is released.
   * @param body looked at when the state allows a cancellation: one that is repeated or refused answers whatever was sent
   * @returns the order, Canceled, or Canceling while Stripe's answer is unknown
   */
  async cancel(orderNumber: string, actor: Actor, body: RequestBody<NothingDto>): Promise<OrderEntity> {
    const paymentId = await this.claimCancel(orderNumber, actor, body);
    if (paymentId !== undefined) {
      await this.finish(paymentId).catch((error: unknown) => {
        if (!(error instanceof StripeUnavailable || error instanceof StripeNotFound)) throw error;
      });
    }
    return this.orders.get(orderNumber);
  }

  // CLAIM
  private async claimAbandon(
    orderNumber: string,
    actor: Actor,
    body: RequestBody<NothingDto>,
  ): Promise<string | undefined> {
    return this.database.transaction(async (tx) => {
      const order = await this.orders.lock(tx, orderNumber);
      if (order.status === 'Placed') return undefined;
      if (AFTER_RESERVATION.includes(order.status)) throw refusal(PAYMENT_ALREADY_CONFIRMED, order);
      if (order.status !== 'Payment' || !order.payment) throw refusal(NOT_IN_STATE_TO_ABANDON, order);
      const payment = await this.repository.get(order.payment.paymentId, tx);
      if (isCharged(payment)) throw refusal(PAYMENT_ALREADY_CONFIRMED, order);
      if (payment.status === 'Releasing') return payment.paymentId;
      body.validated();
      await this.beginRelease(tx, payment, 'abandoned', actor);
      return payment.paymentId;
    });
  }

  private async claimCancel(
    orderNumber: string,
    actor: Actor,
    body: RequestBody<NothingDto>,
  ): Promise<string | undefined> {
    return this.database.transaction(async (tx) => {
      const order = await this.orders.lock(tx, orderNumber);
      if (order.status === 'Canceled') return undefined;
      if (order.status === 'Canceling') return order.payment?.paymentId;
      const payment = order.payment && (await this.repository.get(order.payment.paymentId, tx));
      refuseUncancelable(order, payment);
      body.validated();
      await this.cancelItems(tx, order, actor);
      const { orderNumber: number, status: from } = order;
      if (from === 'New' || from === 'Placed') {
        await this.orders.apply(tx, { orderNumber: number, actor, move: { from, to: 'Canceled' } });
        return undefined;
      }
      await this.orders.apply(tx, { orderNumber: number, actor, move: { from, to: 'Canceling' } });
      if (payment?.status === 'Releasing') {
        // An abandon or a mismatch was on its way to Placed: the cancellation that was accepted wins.
        await this.repository.change(tx, payment, { actor, fields: { releaseReason: 'canceled' } });
        return payment.paymentId;
      }
      if (!payment || payment.status === 'NotRequired' || payment.status === 'Expired' || isCharged(payment)) {
        await this.orders.apply(tx, { orderNumber: number, actor, move: { from: 'Canceling', to: 'Canceled' } });
        return undefined;
      }
      await this.beginRelease(tx, payment, 'canceled', actor);
      return payment.paymentId;
    });
  }

  /** From here on no event makes the order Paid. */
  private async beginRelease(
    tx: Parameters<PaymentsRepository['change']>[0],
    payment: Parameters<PaymentsRepository['change']>[1],
    releaseReason: ReleaseReason,
    actor: Actor,
  ): Promise<void> {
    await this.repository.change(tx, payment, {
      actor,
      fields: { status: 'Releasing', releaseReason },
      detail: { reason: releaseReason },
    });
    await this.jobs.send(tx, RELEASE_PAYMENT, { paymentId: payment.paymentId }, JOB_AFTER_SECONDS);
  }

  private async cancelItems(
    tx: Parameters<PaymentsRepository['change']>[0],
    order: OrderEntity,
    actor: Actor,
  ): Promise<void> {
    for (const from of ['New', 'InTransit'] as const) {
      const numbers = order.items.filter(({ status }) => status === from).map(({ orderItemNumber }) => orderItemNumber);
      if (numbers.length > 0)
        await this.orders.moveItems(tx, order.orderNumber, numbers, { from, to: 'Canceled', actor });
    }
  }

  // CALL and RECORD, each in the release; whoever holds its lease is waited for
  private async finish(paymentId: string): Promise<Exclude<Release, 'busy'>> {
    const deadline = Date.now() + this.config.callTimeoutMs;
    for (;;) {
      const release = await this.release.finish(paymentId);
      if (release !== 'busy') return release;
      if (Date.now() >= deadline) throw new StripeUnavailable('the payment is still being released');
      await sleep(POLL_MS);
    }
  }
}

/** The reservation was made: the order is Paid, or went on from there. */
const AFTER_RESERVATION = ['Paid', 'InTransit', 'Delivered', 'Fulfilled', 'PartiallyFulfilled', 'FulfillmentError'];

const OVERTAKEN_BY = ['Canceling', 'Canceled', 'Expired'];

const SETTLED = ['Fulfilled', 'PartiallyFulfilled', 'FulfillmentError'];

/** Who delivers only when an outcome is recorded: nothing is on its way before. */
const RECALLABLE = ['instant', 'manual'];

/** Delivered, or asked for at a supplier who may be delivering at this moment: goods cannot be called back. */
function isBeyondRecall(item: OrderItemEntity): boolean {
  return (
    item.status === 'Delivered' ||
    (item.fulfillmentAttempts > 0 && item.status === 'InTransit' && !RECALLABLE.includes(item.fulfiller))
  );
}

/** Somebody charged it at Stripe before the goods were delivered: the money goes back by a refund only. */
function isCharged(payment: PaymentEntity): boolean {
  return payment.status === 'Captured' || payment.status === 'PartiallyCaptured';
}

/** What was charged is not all given back yet. */
function keepsMoney(payment: PaymentEntity): boolean {
  return isCharged(payment) && payment.amountRefunded < payment.amountCaptured;
}

function refuseUncancelable(order: OrderEntity, payment: PaymentEntity | null): void {
  if (SETTLED.includes(order.status) || (payment && keepsMoney(payment))) throw refusal(ORDER_ALREADY_SETTLED, order);
  const cancelable = ['New', 'Placed', 'Payment', 'Paid', 'InTransit'].includes(order.status);
  if (!cancelable || order.items.some(isBeyondRecall)) throw refusal(NOT_IN_STATE_TO_CANCEL, order);
}
