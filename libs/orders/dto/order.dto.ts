import { ApiProperty } from '@nestjs/swagger';
import type { ValidationMessage } from '#http';
import type { Deliverable, OrderItemEntity, OrderEntity, PaymentSummary } from '../order.entity.js';
import { ORDER_ITEM_MOVES, ORDER_STATUSES } from '../order.state-machine.js';
import type { TimelineEntry } from '../orders.repository.js';

class DeliverableDto implements Deliverable {
  @ApiProperty({ example: 'ticket-code' }) type: string;
  @ApiProperty({ example: 'T7KQ-9M2X-4WHB' }) value: string;
}

class OrderItemDto {
  @ApiProperty({ example: '26-100000-1' }) orderItemNumber: string;
  @ApiProperty({ enum: Object.keys(ORDER_ITEM_MOVES) }) orderItemStatus: string;
  @ApiProperty({ required: false }) statusText?: string;
  @ApiProperty({ example: 'ticket-adult' }) sku: string;
  @ApiProperty({ example: 'Day ticket, adult' }) name: string;
  @ApiProperty({ example: 2 }) quantity: number;
  @ApiProperty({ example: 1250, description: 'Minor units' }) unitAmount: number;
  @ApiProperty({ example: 2500, description: 'Minor units' }) totalAmount: number;
  @ApiProperty({ example: 'instant' }) fulfiller: string;
  @ApiProperty({ type: [DeliverableDto] }) deliverables: Deliverable[];
}

export class PaymentSummaryDto implements PaymentSummary {
  @ApiProperty({ example: 'pay_8sJq2nL5vB0xWc3RtYz7Ka1D' }) paymentId: string;
  @ApiProperty({ example: 'Authorized' }) status: string;
  @ApiProperty({ enum: ['checkout', 'intent', 'none'] }) procedure: 'checkout' | 'intent' | 'none';
  @ApiProperty({ example: 2500, description: 'Minor units' }) amountAuthorized: number;
  @ApiProperty({ example: 0 }) amountCaptured: number;
  @ApiProperty({ example: 0 }) amountRefunded: number;
  @ApiProperty({ example: 0 }) amountDisputed: number;
  @ApiProperty({ required: false, example: 'pi_3PqR' }) paymentIntentId?: string;
  @ApiProperty({ required: false, example: '2026-11-30T10:00:00.000Z' }) authorizationExpiresAt?: string;
  @ApiProperty({ required: false, example: 'insufficient_funds' }) declineCode?: string;
}

export class OrderDto {
  @ApiProperty({ example: '26-100000' }) orderNumber: string;
  @ApiProperty({ example: 'acc_5yZ1cM0q8TtXv2Jw9RkLbE7a' }) accountId: string;
  @ApiProperty({ enum: ORDER_STATUSES }) orderStatus: string;
  @ApiProperty({ example: 'EUR' }) currency: string;
  @ApiProperty({ example: 2500, description: 'Minor units' }) totalAmount: number;
  @ApiProperty({ type: [OrderItemDto] }) items: OrderItemDto[];
  @ApiProperty({ required: false }) externalReference?: string;
  @ApiProperty({ type: 'object', additionalProperties: { type: 'string' } }) metadata: Record<string, string>;
  @ApiProperty({ type: PaymentSummaryDto, nullable: true }) payment: PaymentSummary | null;
  @ApiProperty({ example: '2026-11-23T10:00:00.000Z' }) createdAt: string;
  @ApiProperty({ example: '2026-11-23T10:00:00.000Z' }) updatedAt: string;
}

class ValidationMessageListed implements ValidationMessage {
  @ApiProperty({ example: 'order-without-items' }) code: string;
  @ApiProperty({ enum: ['Info', 'Warning', 'ValidationError', 'Error'] }) level: ValidationMessage['level'];
  @ApiProperty({ example: 'The order has no items' }) message: string;
  @ApiProperty({ enum: ['order', 'orderItem', 'payment', 'request'] }) source: ValidationMessage['source'];
  @ApiProperty({ required: false }) orderItemNumber?: string;
  @ApiProperty({ required: false, type: [String] }) memberNames?: readonly string[];
}

export class OrderAnswerDto {
  @ApiProperty({ type: OrderDto }) order: OrderDto;
  @ApiProperty({ type: [ValidationMessageListed] }) validationMessages: readonly ValidationMessage[];
}

export class OrderListDto {
  @ApiProperty({ type: [OrderDto] }) data: OrderDto[];
  @ApiProperty({ type: String, nullable: true }) nextCursor: string | null;
}

export class TimelineEntryDto {
  @ApiProperty({ example: '2026-11-23T10:00:00.000Z' }) at: string;
  @ApiProperty({ example: 'order.paid' }) type: string;
  @ApiProperty({ required: false, example: 'Payment' }) from?: string;
  @ApiProperty({ required: false, example: 'Paid' }) to?: string;
  @ApiProperty({ example: 'stripe' }) actor: string;
  @ApiProperty({ type: 'object', additionalProperties: true }) detail: object;
}

export class TimelineDto {
  @ApiProperty({ type: [TimelineEntryDto] }) data: TimelineEntryDto[];
  @ApiProperty({ type: String, nullable: true }) nextCursor: string | null;
}

export function orderDto(order: OrderEntity): OrderDto {
  return {
    orderNumber: order.orderNumber,
    accountId: order.accountId,
    orderStatus: order.status,
    currency: order.currency,
    totalAmount: order.totalAmount,
    items: order.items.map(orderItemDto),
    ...(order.externalReference !== null && { externalReference: order.externalReference }),
    metadata: order.metadata,
    payment: order.payment,
    createdAt: order.createdAt.toISOString(),
    updatedAt: order.updatedAt.toISOString(),
  };
}

function orderItemDto(item: OrderItemEntity): OrderItemDto {
  const { orderItemNumber, sku, name, quantity, unitAmount, totalAmount, fulfiller, deliverables } = item;
  return {
    ...{ orderItemNumber, orderItemStatus: item.status },
    ...(item.statusText !== null && { statusText: item.statusText }),
    ...{ sku, name, quantity, unitAmount, totalAmount, fulfiller, deliverables },
  };
}

export function timelineEntryDto(entry: TimelineEntry & { at: Date }): TimelineEntryDto {
  return {
    at: entry.at.toISOString(),
    type: entry.type,
    ...(entry.from && { from: entry.from }),
    ...(entry.to && { to: entry.to }),
    actor: entry.actor,
    detail: entry.detail ?? {},
  };
}
