import { Controller, Get, Param, Post, Req, Res } from '@nestjs/common';
import { ApiParam, ApiTags } from '@nestjs/swagger';
import { ORDER_NOT_FOUND } from '#orders';
import {
  Access,
  ApiCall,
  Idempotency,
  JsonBody,
  NothingDto,
  QueryOf,
  RequestBody,
  type HttpReply,
  type HttpRequest,
} from '#http';
import { PROVIDER_UNAVAILABLE } from '#stripe';
import { CloseCaseDto } from './dto/close-case.dto.js';
import {
  CaseClosedDto,
  foundOrderDto,
  FoundOrdersDto,
  JobReplayedDto,
  OrderFileDto,
  orderFileDto,
  SearchQuery,
  stuckDto,
  StuckListDto,
} from './dto/operators.dto.js';
import { CASE_NOT_FOUND, DEAD_JOB_NOT_FOUND } from './operators.errors.js';
import { OperatorsService } from './operators.service.js';

/** For the operator's key alone: everything may be seen, and only what is always safe may be done. */
@ApiTags('Operators')
@Controller('v1/operator')
export class OperatorsController {
  constructor(
    private readonly operators: OperatorsService,
    private readonly idempotency: Idempotency,
  ) {}

  @Get('stuck')
  @Access({ who: 'operator' })
  @ApiCall({
    summary: 'What needs a person, the longest waiting first',
    description:
      'Open cases, dead jobs, and events and notification endpoints that keep failing; each with its reason and the safe next step.',
    answers: { 200: { description: 'Everything that waits', type: StuckListDto } },
  })
  async stuck(): Promise<StuckListDto> {
    return { data: (await this.operators.stuck()).map(stuckDto) };
  }

  @Post('cases/:caseId/close')
  @Access({ who: 'operator' })
  @ApiParam({ name: 'caseId', example: '17' })
  @ApiCall({
    summary: 'Close a case that you have dealt with',
    description:
      'An order that was delivered and cannot be charged, or was charged otherwise, stays in Delivered: closing its case takes a `settlement`, which is in its timeline for good.',
    answers: { 200: { description: 'Closed; the order’s timeline says so', type: CaseClosedDto } },
    problems: [CASE_NOT_FOUND],
    body: {
      type: CloseCaseDto,
      required: false,
      examples: {
        settled: { summary: 'Nobody will pay for what was delivered', value: { settlement: 'written-off' } },
        plain: { summary: 'Any other case', value: {} },
      },
    },
    idempotent: true,
  })
  async close(
    @Param('caseId') caseId: string,
    @JsonBody(CloseCaseDto) body: RequestBody<CloseCaseDto>,
    @Req() request: HttpRequest,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<CaseClosedDto> {
    return this.idempotency.leased(request, reply, async () => {
      await this.operators.close(caseId, () => body.validated());
      return { status: 200, body: { caseId, closed: true } };
    });
  }

  @Post('jobs/:jobId/replay')
  @Access({ who: 'operator' })
  @ApiParam({ name: 'jobId', example: '5b1c3a0e-8a0f-4c3e-9d55-0c2f4f7f3a11' })
  @ApiCall({
    summary: 'Try a dead job again, from the beginning',
    answers: { 200: { description: 'It is in its queue', type: JobReplayedDto } },
    problems: [DEAD_JOB_NOT_FOUND],
    idempotent: true,
  })
  async replay(
    @Param('jobId') jobId: string,
    @JsonBody(NothingDto) body: RequestBody<NothingDto>,
    @Req() request: HttpRequest,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<JobReplayedDto> {
    return this.idempotency.leased(request, reply, async () => {
      await this.operators.replay(jobId, () => body.validated());
      return { status: 200, body: { jobId, replayed: true } };
    });
  }

  @Get('orders')
  @Access({ who: 'operator' })
  @ApiCall({
    summary: 'Find orders of any partner, by whatever names them',
    query: SearchQuery,
    answers: { 200: { description: 'At most 200, the newest first', type: FoundOrdersDto } },
  })
  async search(@QueryOf(SearchQuery) { query }: SearchQuery): Promise<FoundOrdersDto> {
    return { data: (await this.operators.search(query ?? '')).map(foundOrderDto) };
  }

  @Get('orders/:orderNumber')
  @Access({ who: 'operator' })
  @ApiParam({ name: 'orderNumber', example: '26-100000' })
  @ApiCall({
    summary: 'Everything that is known of an order: its money, its attempts at Stripe, its timeline',
    answers: { 200: { description: 'The order', type: OrderFileDto } },
    problems: [ORDER_NOT_FOUND],
  })
  async show(@Param('orderNumber') orderNumber: string): Promise<OrderFileDto> {
    return orderFileDto(await this.operators.show(orderNumber));
  }

  @Post('orders/:orderNumber/look')
  @Access({ who: 'operator' })
  @ApiParam({ name: 'orderNumber', example: '26-100000' })
  @ApiCall({
    summary: 'Compare an order’s payments with Stripe now, and write its missing jobs',
    description: 'Safe at any time: it does what reconciliation does by itself.',
    answers: { 200: { description: 'The order as it is then', type: OrderFileDto } },
    problems: [ORDER_NOT_FOUND, PROVIDER_UNAVAILABLE],
    idempotent: true,
  })
  async look(
    @Param('orderNumber') orderNumber: string,
    @JsonBody(NothingDto) body: RequestBody<NothingDto>,
    @Req() request: HttpRequest,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<OrderFileDto> {
    return this.idempotency.leased(request, reply, async () => {
      return { status: 200, body: orderFileDto(await this.operators.look(orderNumber, () => body.validated())) };
    });
  }
}
