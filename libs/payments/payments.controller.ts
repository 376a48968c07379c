import { Controller, Delete, Get, Post, Put, Req, Res } from '@nestjs/common';
import { ApiParam, ApiTags } from '@nestjs/swagger';
import { Caller, CREDENTIAL_KIND_REFUSED, Owned, type Principal } from '#partners';
import {
  Access,
  ApiCall,
  Idempotency,
  JsonBody,
  NothingDto,
  Problem,
  RequestBody,
  type HttpReply,
  type HttpRequest,
} from '#http';
import {
  answerDto,
  ORDER_NOT_FOUND,
  OrderAnswerDto,
  OrderEntity,
  PaymentSummaryDto,
  type PaymentSummary,
} from '#orders';
import { PAYMENT_METHOD_NOT_FOUND } from '#payment-methods';
import { PROVIDER_UNAVAILABLE } from '#stripe';
import { InitPaymentAnswerDto, InitPaymentDto, SaveFlagDto } from './dto/init-payment.dto.js';
import { PaymentsAbandon } from './payments.abandon.js';
import * as errors from './payments.errors.js';
import { PaymentsInit } from './payments.init.js';
import { PaymentsSaveFlag } from './payments.save-flag.js';

/** Says what to do, since no id would work everywhere. */
const SAVED_CARD_ID = 'pm_… (put the id of a saved card of the account here)';
/** Back to Swagger UI, where whoever tries this comes from. */
const CHECKOUT = {
  createCheckoutSession: true,
  successUrl: 'http://127.0.0.1:3000/docs?paid={CHECKOUT_SESSION_ID}',
  errorUrl: 'http://127.0.0.1:3000/docs',
};

@ApiTags('Payment')
@Controller('v1/orders/:orderNumber')
export class PaymentsController {
  constructor(
    private readonly initPayment: PaymentsInit,
    private readonly abandonPayment: PaymentsAbandon,
    private readonly saveFlag: PaymentsSaveFlag,
    private readonly idempotency: Idempotency,
  ) {}

  @Put('payment')
  @Access({ who: 'both', owns: 'order' })
  @ApiParam({ name: 'orderNumber', example: '26-100000' })
  @ApiCall({
    summary: 'Init payment: reserve the order’s total',
    description:
      'Allowed in Placed and Payment. In Payment the first answer comes again, byte for byte, and the body is not looked at. ' +
      'Money is only reserved; what was delivered is charged after fulfilment.',
    answers: { 200: { description: 'What the client needs to go on', type: InitPaymentAnswerDto } },
    problems: [
      errors.INIT_REQUEST_NOT_VALID,
      CREDENTIAL_KIND_REFUSED,
      ORDER_NOT_FOUND,
      PAYMENT_METHOD_NOT_FOUND,
      errors.NOT_IN_STATE_TO_INIT,
      errors.PAYMENT_BEING_RELEASED,
      errors.PROVIDER_REFUSED,
      PROVIDER_UNAVAILABLE,
    ],
    body: {
      type: InitPaymentDto,
      required: false,
      examples: {
        checkout: {
          summary: 'Checkout: Stripe’s hosted page',
          value: CHECKOUT,
        },
        saving: {
          summary: 'The same, and the card is saved for the next time',
          value: { ...CHECKOUT, savePaymentMethod: true },
        },
        intent: { summary: 'Payment intent: confirm in your own form', value: {} },
        oneClick: { summary: 'One click with a saved card', value: { paymentMethodId: SAVED_CARD_ID } },
      },
    },
  })
  async init(
    @Caller() caller: Principal,
    @Owned() order: OrderEntity,
    @JsonBody(InitPaymentDto) body: RequestBody<InitPaymentDto>,
    @Res() reply: HttpReply,
  ): Promise<void> {
    const answer = await this.initPayment.init(order, body, caller.kind);
    await reply.status(200).header('Content-Type', 'application/json; charset=utf-8').send(answer);
  }

  @Get('payment')
  @Access({ who: 'both', owns: 'order' })
  @ApiParam({ name: 'orderNumber', example: '26-100000' })
  @ApiCall({
    summary: 'Read an order’s payment',
    answers: { 200: { description: 'The same as `order.payment`', type: PaymentSummaryDto } },
    problems: [ORDER_NOT_FOUND, errors.PAYMENT_NOT_FOUND],
  })
  read(@Owned() order: OrderEntity): PaymentSummary {
    if (!order.payment) throw new Problem(errors.PAYMENT_NOT_FOUND);
    return order.payment;
  }

  @Delete('payment')
  @Access({ who: 'both', owns: 'order' })
  @ApiParam({ name: 'orderNumber', example: '26-100000' })
  @ApiCall({
    summary: 'Abandon a payment that is under way',
    description: 'The order is back in Placed, and nothing payable is left at Stripe.',
    answers: { 200: { description: 'The order in Placed', type: OrderAnswerDto } },
    problems: [
      CREDENTIAL_KIND_REFUSED,
      ORDER_NOT_FOUND,
      errors.PAYMENT_ALREADY_CONFIRMED,
      errors.NOT_IN_STATE_TO_ABANDON,
      PROVIDER_UNAVAILABLE,
    ],
  })
  async abandon(
    @Caller() caller: Principal,
    @Owned() order: OrderEntity,
    @JsonBody(NothingDto) body: RequestBody<NothingDto>,
  ): Promise<OrderAnswerDto> {
    const abandoned = await this.abandonPayment.abandon(order.orderNumber, caller.kind, body);
    return answerDto({ order: abandoned, validationMessages: [] });
  }

  @Put('payment/save-payment-method')
  @Access({ who: 'both', owns: 'order' })
  @ApiParam({ name: 'orderNumber', example: '26-100000' })
  @ApiCall({
    summary: 'Have the card saved when this payment is confirmed',
    description: 'The customer may decide so, and take it back, until the payment is confirmed; intent procedure only.',
    answers: { 200: { description: 'The card will be saved', type: SaveFlagDto } },
    problems: [CREDENTIAL_KIND_REFUSED, ORDER_NOT_FOUND, errors.NOT_IN_STATE_TO_SAVE, PROVIDER_UNAVAILABLE],
  })
  async save(@Owned() order: OrderEntity, @JsonBody(NothingDto) body: RequestBody<NothingDto>): Promise<SaveFlagDto> {
    return this.saveFlag.set(order, true, body);
  }

  @Delete('payment/save-payment-method')
  @Access({ who: 'both', owns: 'order' })
  @ApiParam({ name: 'orderNumber', example: '26-100000' })
  @ApiCall({
    summary: 'Take that back: the card is not saved',
    answers: { 200: { description: 'The card will not be saved', type: SaveFlagDto } },
    problems: [CREDENTIAL_KIND_REFUSED, ORDER_NOT_FOUND, errors.NOT_IN_STATE_TO_SAVE, PROVIDER_UNAVAILABLE],
  })
  async doNotSave(
    @Owned() order: OrderEntity,
    @JsonBody(NothingDto) body: RequestBody<NothingDto>,
  ): Promise<SaveFlagDto> {
    return this.saveFlag.set(order, false, body);
  }

  @Post('cancel')
  @Access({ who: 'partner', owns: 'order' })
  @ApiParam({ name: 'orderNumber', example: '26-100000' })
  @ApiCall({
    summary: 'Cancel an order',
    description:
      'Whatever is reserved is released. Refused once an item is delivered, or is with a supplier who may be delivering it.',
    answers: {
      200: { description: 'Canceled', type: OrderAnswerDto },
      202: { description: 'Canceling: Stripe’s answer is not known yet', type: OrderAnswerDto },
    },
    problems: [CREDENTIAL_KIND_REFUSED, ORDER_NOT_FOUND, errors.NOT_IN_STATE_TO_CANCEL, errors.ORDER_ALREADY_SETTLED],
    idempotent: true,
  })
  async cancel(
    @Caller() caller: Principal,
    @Owned() order: OrderEntity,
    @JsonBody(NothingDto) body: RequestBody<NothingDto>,
    @Req() request: HttpRequest,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<OrderAnswerDto> {
    return this.idempotency.leased(request, reply, async () => {
      const canceled = await this.abandonPayment.cancel(order.orderNumber, caller.kind, body);
      const answer = answerDto({ order: canceled, validationMessages: [] });
      return { status: canceled.status === 'Canceled' ? 200 : 202, body: answer };
    });
  }
}
