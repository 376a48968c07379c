import { ApiProperty } from '@nestjs/swagger';
import { IsOptional, IsString, Length } from 'class-validator';
import { OrderDto, orderDto, TimelineEntryDto, timelineEntryDto, type OrderEntity } from '#orders';
import type { ToldOfOrder } from '#notifications';
import type { DisputeEntity, RefundEntity } from '#refunds';
import type { PaymentEntity } from '#payments';
import type { OrderFile } from '../operators.service.js';
import type { StuckThing } from '../operators.stuck.js';

export class SearchQuery {
  @ApiProperty({
    required: false,
    description:
      'An order or item number, a reference, or the id of an account, a partner, a payment or an object at Stripe',
    example: '26-100000',
  })
  @IsOptional()
  @IsString()
  @Length(0, 200)
  query?: string;
}

class StuckDto {
  @ApiProperty({ enum: ['case', 'job', 'event', 'endpoint'] }) source: string;
  @ApiProperty({ example: '17' }) id: string;
  @ApiProperty({ example: 'delivered-uncharged' }) kind: string;
  @ApiProperty({ example: '26-100000' }) subject: string;
  @ApiProperty({ required: false, example: '26-100000' }) orderNumber?: string;
  @ApiProperty({ example: '2026-11-23T10:00:00.000Z' }) since: string;
  @ApiProperty({ example: 'Goods were delivered, and nothing can be charged any more' }) reason: string;
  @ApiProperty({ example: 'Settle with the customer outside, and close this case' }) nextStep: string;
  @ApiProperty({ type: 'object', additionalProperties: true }) facts: object;
}

export class StuckListDto {
  @ApiProperty({ type: [StuckDto] }) data: StuckDto[];
}

export class CaseClosedDto {
  @ApiProperty({ example: '17' }) caseId: string;
  @ApiProperty() closed: boolean;
}

export class JobReplayedDto {
  @ApiProperty({ example: '5b1c3a0e-8a0f-4c3e-9d55-0c2f4f7f3a11' }) jobId: string;
  @ApiProperty() replayed: boolean;
}

class PaymentAttemptDto {
  @ApiProperty({ example: 'pay_8sJq2nL5vB0xWc3RtYz7Ka1D' }) paymentId: string;
  @ApiProperty({ example: 'Authorized' }) status: string;
  @ApiProperty({ enum: ['checkout', 'intent', 'none'] }) procedure: string;
  @ApiProperty({ example: 2500, description: 'Minor units' }) amount: number;
  @ApiProperty({ example: 2500 }) amountAuthorized: number;
  @ApiProperty({ example: 0 }) amountCaptured: number;
  @ApiProperty({ example: 0 }) amountRefunded: number;
  @ApiProperty({ example: 0 }) amountDisputed: number;
  @ApiProperty({ required: false, example: 'pi_3PqR' }) paymentIntentId?: string;
  @ApiProperty({ required: false, example: 'cs_test_a1b2' }) checkoutSessionId?: string;
  @ApiProperty({ required: false, example: '2026-11-30T10:00:00.000Z' }) authorizationExpiresAt?: string;
  @ApiProperty({ required: false, example: 'insufficient_funds' }) declineCode?: string;
  @ApiProperty({ required: false, example: 'canceled' }) releaseReason?: string;
  @ApiProperty({ description: 'Attempts of the Stripe write under way or last done', example: 1 }) attempts: number;
  @ApiProperty({ example: '2026-11-23T10:00:00.000Z' }) createdAt: string;
  @ApiProperty({ example: '2026-11-23T10:00:00.000Z' }) updatedAt: string;
}

class RefundOfOrderDto {
  @ApiProperty({ example: 'ref_2Jw9RkLbE7a5yZ1cM0q8TtXv' }) refundId: string;
  @ApiProperty({ example: 'pay_8sJq2nL5vB0xWc3RtYz7Ka1D' }) paymentId: string;
  @ApiProperty({ enum: ['Pending', 'Succeeded', 'Failed'] }) status: string;
  @ApiProperty({ example: 500, description: 'Minor units' }) amount: number;
  @ApiProperty({ example: 'EUR' }) currency: string;
  @ApiProperty({ required: false, example: 're_3PqR' }) stripeRefundId?: string;
  @ApiProperty({ required: false, example: 'requested_by_customer' }) reason?: string;
  @ApiProperty({ required: false, example: 'lost_or_stolen_card', description: 'Why it failed' }) failureCode?: string;
  @ApiProperty({ example: '2026-11-23T10:00:00.000Z' }) createdAt: string;
}

class DisputeOfOrderDto {
  @ApiProperty({ example: 'dp_1PqR' }) disputeId: string;
  @ApiProperty({ example: 'pay_8sJq2nL5vB0xWc3RtYz7Ka1D' }) paymentId: string;
  @ApiProperty({ enum: ['Inquiry', 'Open', 'Won', 'Lost', 'Closed'] }) status: string;
  @ApiProperty({ example: 2500, description: 'Minor units' }) amount: number;
  @ApiProperty({ example: 'EUR' }) currency: string;
  @ApiProperty({ example: 'fraudulent' }) reason: string;
  @ApiProperty({ example: '2026-11-23T10:00:00.000Z' }) createdAt: string;
}

class NotificationOfOrderDto {
  @ApiProperty({ example: 'ntf_3Jw9RkLbE7a5yZ1cM0q8TtXv' }) notificationId: string;
  @ApiProperty({ example: 'nep_4Jw9RkLbE7a5yZ1cM0q8TtXv' }) endpointId: string;
  @ApiProperty({ example: 'order.paid' }) type: string;
  @ApiProperty({ enum: ['Pending', 'Delivered', 'Failed'] }) status: string;
  @ApiProperty({ description: 'It waits until its endpoint is enabled' }) isHeld: boolean;
  @ApiProperty({ example: 1 }) attempts: number;
  @ApiProperty({ required: false, example: 503, description: 'What was answered last' }) lastStatusCode?: number;
  @ApiProperty({ required: false, example: 'no answer within 10 s' }) lastError?: string;
  @ApiProperty({ required: false, example: '2026-11-23T10:00:05.000Z' }) nextAttemptAt?: string;
  @ApiProperty({ example: '2026-11-23T10:00:00.000Z' }) createdAt: string;
}

class FoundOrderDto {
  @ApiProperty({ example: '26-100000' }) orderNumber: string;
  @ApiProperty({ example: 'par_demo' }) partnerId: string;
  @ApiProperty({ example: 'acc_5yZ1cM0q8TtXv2Jw9RkLbE7a' }) accountId: string;
  @ApiProperty({ example: 'InTransit' }) orderStatus: string;
  @ApiProperty({ required: false, example: 'Authorized' }) paymentStatus?: string;
  @ApiProperty({ example: 'EUR' }) currency: string;
  @ApiProperty({ example: 2500, description: 'Minor units' }) totalAmount: number;
  @ApiProperty({ example: '2026-11-23T10:00:00.000Z' }) updatedAt: string;
}

export class FoundOrdersDto {
  @ApiProperty({ type: [FoundOrderDto] }) data: FoundOrderDto[];
}

export class OrderFileDto {
  @ApiProperty({ type: OrderDto }) order: OrderDto;
  @ApiProperty({ example: 'par_demo' }) partnerId: string;
  @ApiProperty({ type: [PaymentAttemptDto] }) payments: PaymentAttemptDto[];
  @ApiProperty({ type: [RefundOfOrderDto] }) refunds: RefundOfOrderDto[];
  @ApiProperty({ type: [DisputeOfOrderDto] }) disputes: DisputeOfOrderDto[];
  @ApiProperty({ type: [NotificationOfOrderDto] }) notifications: NotificationOfOrderDto[];
  @ApiProperty({ type: [TimelineEntryDto] }) timeline: TimelineEntryDto[];
  @ApiProperty({ type: [StuckDto] }) stuck: StuckDto[];
  @ApiProperty({
    enum: ['timeline', 'payments', 'refunds', 'disputes', 'notifications'],
    isArray: true,
    description: 'Lists of which only the newest entries are here',
  })
  cut: string[];
}

export function stuckDto({ since, orderNumber, ...thing }: StuckThing): StuckDto {
  return { ...thing, since: since.toISOString(), ...(orderNumber !== undefined && { orderNumber }) };
}

export function foundOrderDto(order: OrderEntity): FoundOrderDto {
  const { orderNumber, partnerId, accountId, status, payment, currency, totalAmount, updatedAt } = order;
  return {
    ...{ orderNumber, partnerId, accountId, orderStatus: status },
    ...(payment && { paymentStatus: payment.status }),
    ...{ currency, totalAmount, updatedAt: updatedAt.toISOString() },
  };
}

export function orderFileDto(file: OrderFile): OrderFileDto {
  const { order, payments, refunds, disputes, notifications, timeline, stuck, cut } = file;
  return {
    order: orderDto(order),
    partnerId: order.partnerId,
    payments: payments.map(paymentAttemptDto),
    refunds: refunds.map(refundOfOrderDto),
    disputes: disputes.map(disputeOfOrderDto),
    notifications: notifications.map(notificationOfOrderDto),
    timeline: timeline.map(timelineEntryDto),
    stuck: stuck.map(stuckDto),
    cut: [...cut],
  };
}

function refundOfOrderDto(refund: RefundEntity): RefundOfOrderDto {
  const { refundId, paymentId, status, amount, currency, stripeRefundId, reason, failure, createdAt } = refund;
  return {
    ...{ refundId, paymentId, status, amount, currency },
    ...(stripeRefundId !== null && { stripeRefundId }),
    ...(reason !== null && { reason }),
    ...(failure && { failureCode: failure.code }),
    createdAt: createdAt.toISOString(),
  };
}

function disputeOfOrderDto(dispute: DisputeEntity): DisputeOfOrderDto {
  const { disputeId, paymentId, status, amount, currency, reason, createdAt } = dispute;
  return { disputeId, paymentId, status, amount, currency, reason, createdAt: createdAt.toISOString() };
}

function notificationOfOrderDto(told: ToldOfOrder): NotificationOfOrderDto {
  const { notificationId, endpointId, type, status, isHeld, attempts, lastAttempt, dueAt, createdAt } = told;
  return {
    ...{ notificationId, endpointId, type, status, isHeld, attempts },
    ...(lastAttempt?.statusCode !== undefined && { lastStatusCode: lastAttempt.statusCode }),
    ...(lastAttempt?.error !== undefined && { lastError: lastAttempt.error }),
    ...(status === 'Pending' && !isHeld && { nextAttemptAt: dueAt.toISOString() }),
    createdAt: createdAt.toISOString(),
  };
}

function paymentAttemptDto(payment: PaymentEntity): PaymentAttemptDto {
  const { paymentId, status, procedure, amount, amountAuthorized, amountCaptured, amountRefunded } = payment;
  const { paymentIntentId, checkoutSessionId, authorizationExpiresAt, declineCode, releaseReason } = payment;
  return {
    ...{ paymentId, status, procedure, amount, amountAuthorized, amountCaptured, amountRefunded },
    amountDisputed: payment.amountDisputed,
    ...(paymentIntentId !== null && { paymentIntentId }),
    ...(checkoutSessionId !== null && { checkoutSessionId }),
    ...(authorizationExpiresAt !== null && { authorizationExpiresAt: authorizationExpiresAt.toISOString() }),
    ...(declineCode !== null && { declineCode }),
    ...(releaseReason !== null && { releaseReason }),
    attempts: payment.operationAttempt,
    createdAt: payment.createdAt.toISOString(),
    updatedAt: payment.updatedAt.toISOString(),
  };
}
