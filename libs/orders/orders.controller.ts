import { Controller, Delete, Get, HttpCode, Post, Put, Req, Res } from '@nestjs/common';
import { ApiParam, ApiTags } from '@nestjs/swagger';
import { ACCOUNT_NOT_FOUND } from '#accounts';
import { Caller, CREDENTIAL_KIND_REFUSED, Owned, ownerOf, type Principal } from '#partners';
import {
  Access,
  ApiCall,
  cursorOf,
  Idempotency,
  invalidRequest,
  invalidValue,
  JsonBody,
  NothingDto,
  pageOf,
  QueryOf,
  RequestBody,
  type HttpReply,
  type HttpRequest,
} from '#http';
import { OrderAnswerDto, orderDto, OrderListDto, TimelineDto, timelineEntryDto } from './dto/order.dto.js';
import { CreateOrderDto, OrderListQuery, ReplaceOrderDto, TimelineQuery } from './dto/order.request.dto.js';
import { OrderEntity } from './order.entity.js';
import { ORDER_NOT_CHANGEABLE, ORDER_NOT_DELETABLE, ORDER_NOT_FOUND } from './orders.errors.js';
import { OrdersRepository } from './orders.repository.js';
import { OrdersService, type OrderWithMessages } from './orders.service.js';

/** Says what to do, since no id would work everywhere. */
const ACCOUNT_ID = 'acc_… (put the accountId of your account here)';
const TICKETS = { sku: 'ticket-adult', name: 'Day ticket, adult', quantity: 2, unitAmount: 1250 };

@ApiTags('Orders')
@Controller('v1/orders')
export class OrdersController {
  constructor(
    private readonly orders: OrdersService,
    private readonly repository: OrdersRepository,
    private readonly idempotency: Idempotency,
  ) {}

  @Post()
  @Access({ who: 'partner' })
  @ApiCall({
    summary: 'Create an order',
    description: 'It is New, and Placed when you wish so and nothing is missing; `validationMessages` say what is.',
    answers: { 201: { description: 'Created', type: OrderAnswerDto } },
    problems: [CREDENTIAL_KIND_REFUSED, ACCOUNT_NOT_FOUND],
    body: {
      type: CreateOrderDto,
      examples: {
        tickets: {
          summary: 'Two tickets, ready to pay',
          value: { accountId: ACCOUNT_ID, currency: 'EUR', orderStatus: 'Placed', items: [TICKETS] },
        },
        partial: {
          summary: 'One item will be delivered and one will fail (sandbox)',
          value: {
            accountId: ACCOUNT_ID,
            currency: 'EUR',
            orderStatus: 'Placed',
            items: [TICKETS, { sku: 'fail-tour', name: 'Tour', quantity: 1, unitAmount: 900 }],
          },
        },
        manual: {
          summary: 'You deliver it yourself, and report it',
          value: {
            accountId: ACCOUNT_ID,
            currency: 'EUR',
            orderStatus: 'Placed',
            items: [{ sku: 'poster', name: 'Poster, by post', quantity: 1, unitAmount: 1900, fulfiller: 'manual' }],
          },
        },
        free: {
          summary: 'A free order',
          value: {
            accountId: ACCOUNT_ID,
            currency: 'EUR',
            orderStatus: 'Placed',
            items: [{ ...TICKETS, unitAmount: 0 }],
          },
        },
      },
    },
    idempotent: true,
  })
  async create(
    @Caller() caller: Principal,
    @JsonBody(CreateOrderDto) body: RequestBody<CreateOrderDto>,
    @Req() request: HttpRequest,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<OrderAnswerDto> {
    return this.idempotency.transaction(request, reply, async (tx) => {
      return { status: 201, body: answerDto(await this.orders.create(tx, caller, body)) };
    });
  }

  @Get()
  @Access({ who: 'both' })
  @ApiCall({
    summary: 'List orders, newest first',
    query: OrderListQuery,
    answers: { 200: { description: 'A page', type: OrderListDto } },
  })
  async list(@Caller() caller: Principal, @QueryOf(OrderListQuery) filter: OrderListQuery): Promise<OrderListDto> {
    const rows = await this.repository.list(ownerOf(caller), filter);
    return pageOf(rows, filter.limit, orderDto, ({ createdAt, orderNumber }) =>
      cursorOf({ createdAt, id: orderNumber }),
    );
  }

  @Get(':orderNumber')
  @Access({ who: 'both', owns: 'order' })
  @ApiParam({ name: 'orderNumber', example: '26-100000' })
  @ApiCall({
    summary: 'Read an order',
    answers: { 200: { description: 'The order', type: OrderAnswerDto } },
    problems: [ORDER_NOT_FOUND],
  })
  async read(@Owned() order: OrderEntity): Promise<OrderAnswerDto> {
    return answerDto({ order, validationMessages: await this.orders.messagesOf(order) });
  }

  @Put(':orderNumber')
  @Access({ who: 'partner', owns: 'order' })
  @ApiParam({ name: 'orderNumber', example: '26-100000' })
  @ApiCall({
    summary: 'Replace an order',
    description: 'An item sent with its number is kept, one without is new, one left out is removed.',
    answers: { 200: { description: 'The order as it is now', type: OrderAnswerDto } },
    problems: [CREDENTIAL_KIND_REFUSED, ORDER_NOT_FOUND, ORDER_NOT_CHANGEABLE],
    body: {
      type: ReplaceOrderDto,
      examples: {
        placed: {
          summary: 'Three tickets instead',
          value: { orderStatus: 'Placed', items: [{ ...TICKETS, quantity: 3 }] },
        },
      },
    },
  })
  async replace(
    @Caller() caller: Principal,
    @Owned() order: OrderEntity,
    @JsonBody(ReplaceOrderDto) body: RequestBody<ReplaceOrderDto>,
  ): Promise<OrderAnswerDto> {
    return answerDto(await this.orders.replace(caller, order.orderNumber, body));
  }

  @Delete(':orderNumber')
  @HttpCode(204)
  @Access({ who: 'partner', owns: 'order' })
  @ApiParam({ name: 'orderNumber', example: '26-100000' })
  @ApiCall({
    summary: 'Delete an order for which no payment was ever begun',
    answers: { 204: { description: 'Deleted' } },
    problems: [CREDENTIAL_KIND_REFUSED, ORDER_NOT_FOUND, ORDER_NOT_DELETABLE],
  })
  async delete(@Owned() order: OrderEntity, @JsonBody(NothingDto) body: RequestBody<NothingDto>): Promise<void> {
    await this.orders.delete(order.orderNumber, body);
  }

  @Get(':orderNumber/timeline')
  @Access({ who: 'both', owns: 'order' })
  @ApiParam({ name: 'orderNumber', example: '26-100000' })
  @ApiCall({
    summary: 'Everything that happened to an order and its money, oldest first',
    query: TimelineQuery,
    answers: { 200: { description: 'A page', type: TimelineDto } },
    problems: [ORDER_NOT_FOUND],
  })
  async timeline(@Owned() order: OrderEntity, @QueryOf(TimelineQuery) page: TimelineQuery): Promise<TimelineDto> {
    const rows = await this.repository.timeline(order.orderNumber, page.limit + 1, lineAfter(page.cursor));
    return pageOf(rows, page.limit, timelineEntryDto, (row) => String(row.id));
  }
}

/** @throws Problem 400 for a cursor that is not a line's */
function lineAfter(cursor = '0'): number {
  if (/^\d{1,15}$/.test(cursor)) return Number(cursor);
  throw invalidRequest([invalidValue('cursor', 'must be a nextCursor of this list')]);
}

export function answerDto({ order, validationMessages }: OrderWithMessages): OrderAnswerDto {
  return { order: orderDto(order), validationMessages };
}
