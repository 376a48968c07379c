import { Controller, Param, Put } from '@nestjs/common';
import { ApiParam, ApiTags } from '@nestjs/swagger';
import { CREDENTIAL_KIND_REFUSED, Owned } from '#partners';
import { Access, ApiCall, JsonBody, RequestBody } from '#http';
import { answerDto, ORDER_NOT_FOUND, OrderAnswerDto, OrderEntity } from '#orders';
import { ReportDto } from './dto/report.dto.js';
import { ITEM_NOT_FOUND, ITEM_NOT_REPORTABLE, REPORT_CONTRADICTS } from './fulfillment.errors.js';
import { FulfillmentService } from './fulfillment.service.js';

@ApiTags('Fulfilment')
@Controller('v1/orders/:orderNumber/items/:orderItemNumber')
export class FulfillmentController {
  constructor(private readonly fulfillment: FulfillmentService) {}

  @Put('fulfillment')
  @Access({ who: 'partner', owns: 'order' })
  @ApiParam({ name: 'orderNumber', example: '26-100000' })
  @ApiParam({ name: 'orderItemNumber', example: '26-100000-1' })
  @ApiCall({
    summary: 'Report the outcome of an item that you deliver yourself',
    description:
      'Only while the item is InTransit and its fulfiller is `manual` or `http`; the same report again is answered the same. One that contradicts or comes too late changes nothing and is kept in the timeline as `item.late_outcome`.',
    answers: { 200: { description: 'The order as it is now', type: OrderAnswerDto } },
    problems: [CREDENTIAL_KIND_REFUSED, ORDER_NOT_FOUND, ITEM_NOT_FOUND, ITEM_NOT_REPORTABLE, REPORT_CONTRADICTS],
    body: {
      type: ReportDto,
      examples: {
        delivered: {
          summary: 'Delivered',
          value: { outcome: 'Delivered', deliverables: [{ type: 'tracking-number', value: 'JD014600003828' }] },
        },
        failed: { summary: 'Failed', value: { outcome: 'Failed', statusText: 'Sold out' } },
      },
    },
  })
  async report(
    @Owned() order: OrderEntity,
    @Param('orderItemNumber') orderItemNumber: string,
    @JsonBody(ReportDto) body: RequestBody<ReportDto>,
  ): Promise<OrderAnswerDto> {
    return answerDto({
      order: await this.fulfillment.report(order, orderItemNumber, () => body.validated()),
      validationMessages: [],
    });
  }
}
