import { Controller, Get, Post, Req, Res } from '@nestjs/common';
import { ApiParam, ApiTags } from '@nestjs/swagger';
import { Caller, CREDENTIAL_KIND_REFUSED, Owned, type Principal } from '#partners';
import {
  Access,
  ApiCall,
  cursorOf,
  Idempotency,
  JsonBody,
  pageOf,
  QueryOf,
  RequestBody,
  type HttpReply,
  type HttpRequest,
} from '#http';
import { ORDER_NOT_FOUND, OrderEntity } from '#orders';
import { CreateRefundDto, RefundDto, refundDto, RefundListDto, RefundListQuery } from './dto/refund.dto.js';
import * as errors from './refunds.errors.js';
import { RefundsService } from './refunds.service.js';
import { RefundsRepository } from './refunds.repository.js';

@ApiTags('Payment')
@Controller('v1/orders/:orderNumber/refunds')
export class RefundsController {
  constructor(
    private readonly refund: RefundsService,
    private readonly refunds: RefundsRepository,
    private readonly idempotency: Idempotency,
  ) {}

  @Post()
  @Access({ who: 'partner', owns: 'order' })
  @ApiParam({ name: 'orderNumber', example: '26-100000' })
  @ApiCall({
    summary: 'Refund an order, wholly or in part',
    description:
      'By amount, by items, or all that is left. Pending: the card network takes its time, or Stripe has not answered; Holdfast ' +
      'asks again by itself. Each call without an Idempotency-Key is a refund of its own. What failed gives its amount and its ' +
      'items free again.',
    answers: { 201: { description: 'The refund', type: RefundDto } },
    problems: [
      CREDENTIAL_KIND_REFUSED,
      ORDER_NOT_FOUND,
      errors.NOT_IN_STATE_TO_REFUND,
      errors.REFUND_EXCEEDS_CAPTURED,
      errors.REFUND_ITEM_NOT_REFUNDABLE,
      errors.PAYMENT_DISPUTED,
      errors.REFUND_REFUSED,
    ],
    body: {
      type: CreateRefundDto,
      required: false,
      examples: {
        all: { summary: 'All that is left', value: {} },
        amount: { summary: 'An amount', value: { amount: 500, reason: 'requested_by_customer' } },
        items: { summary: 'Items', value: { orderItemNumbers: ['26-100000-1'] } },
      },
    },
    idempotent: true,
  })
  async create(
    @Caller() caller: Principal,
    @Owned() order: OrderEntity,
    @JsonBody(CreateRefundDto) body: RequestBody<CreateRefundDto>,
    @Req() request: HttpRequest,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<RefundDto> {
    return this.idempotency.leased(request, reply, async (identity) => {
      const refund = await this.refund.create(order.orderNumber, body, caller.kind, identity);
      return { status: 201, body: refundDto(refund) };
    });
  }

  @Get()
  @Access({ who: 'partner', owns: 'order' })
  @ApiParam({ name: 'orderNumber', example: '26-100000' })
  @ApiCall({
    summary: 'List an order’s refunds, newest first',
    description: 'Those made in Stripe’s dashboard too.',
    query: RefundListQuery,
    answers: { 200: { description: 'A page', type: RefundListDto } },
    problems: [CREDENTIAL_KIND_REFUSED, ORDER_NOT_FOUND],
  })
  async list(@Owned() order: OrderEntity, @QueryOf(RefundListQuery) page: RefundListQuery): Promise<RefundListDto> {
    const rows = await this.refunds.list(order.orderNumber, page);
    return pageOf(rows, page.limit, refundDto, ({ createdAt, refundId }) => cursorOf({ createdAt, id: refundId }));
  }
}
