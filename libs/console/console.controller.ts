import { Controller, Get, Header, Inject, Param, Post, Query, Redirect, Res, UseFilters } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Access, QueryOf, validate, type HttpReply } from '#http';
import { Clock, CONFIG, type Config } from '#platform';
import { ConsoleFilter } from './console.filter.js';
import { endpointsPage } from './console.pages.endpoints.js';
import { HTML_TYPE, settingOf, type Setting } from './console.pages.layout.js';
import { orderPage } from './console.pages.order.js';
import { searchPage } from './console.pages.search.js';
import { stuckPage } from './console.pages.stuck.js';
import { STYLESHEET } from './console.pages.stylesheet.js';
import {
  CloseCaseDto,
  SearchQuery,
  OperatorsEndpoints,
  OperatorsService,
  OperatorsStuck,
  ORDER_NUMBER,
} from '#operators';

/** See the other page: what was posted is not posted again when that one is loaded anew. */
const SEE_OTHER = 303;

interface Elsewhere {
  readonly url: string;
}

/** What an operator sees in a browser: the same as at /v1/operator. Pages, and forms for what is always safe. */
@ApiExcludeController()
@Access({ who: 'operator-in-browser' })
@UseFilters(ConsoleFilter)
@Controller('console')
export class ConsoleController {
  constructor(
    private readonly operators: OperatorsService,
    private readonly stuckThings: OperatorsStuck,
    private readonly endpoints: OperatorsEndpoints,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Get()
  @Header('Content-Type', HTML_TYPE)
  async stuck(@Query('notice') notice?: string): Promise<string> {
    return stuckPage(this.setting(), await this.stuckThings.list(), await this.stuckThings.count(), notice);
  }

  @Get('console.css')
  @Header('Content-Type', 'text/css; charset=utf-8')
  stylesheet(): string {
    return STYLESHEET;
  }

  /** What names one order leads to it. */
  @Get('orders')
  async search(@QueryOf(SearchQuery) { query = '' }: SearchQuery, @Res() reply: HttpReply): Promise<void> {
    const text = query.trim();
    const orders = await this.operators.search(text);
    const [only, ...others] = orders;
    if (text !== '' && only && others.length === 0) return reply.redirect(orderAddress(only.orderNumber), SEE_OTHER);
    await reply.type(HTML_TYPE).send(searchPage(this.setting(), text, orders));
  }

  @Get('orders/:orderNumber')
  @Header('Content-Type', HTML_TYPE)
  async show(@Param('orderNumber') orderNumber: string, @Query('notice') notice?: string): Promise<string> {
    return orderPage(this.setting(), await this.operators.show(orderNumber), notice);
  }

  @Get('endpoints')
  @Header('Content-Type', HTML_TYPE)
  async troubled(): Promise<string> {
    return endpointsPage(this.setting(), await this.endpoints.troubled(), await this.endpoints.openCircuits());
  }

  @Post('cases/:caseId/close')
  @Redirect('/console', SEE_OTHER)
  async close(
    @Param('caseId') caseId: string,
    @Query('order') order?: string,
    @Query('settlement') settlement?: string,
  ): Promise<Elsewhere> {
    await this.operators.close(caseId, () => validate(CloseCaseDto, settlement === undefined ? {} : { settlement }));
    return backTo(order, 'closed');
  }

  @Post('jobs/:jobId/replay')
  @Redirect('/console', SEE_OTHER)
  async replay(@Param('jobId') jobId: string, @Query('order') order?: string): Promise<Elsewhere> {
    await this.operators.replay(jobId);
    return backTo(order, 'replayed');
  }

  @Post('orders/:orderNumber/look')
  @Redirect('/console', SEE_OTHER)
  async look(@Param('orderNumber') orderNumber: string): Promise<Elsewhere> {
    await this.operators.look(orderNumber);
    return backTo(orderNumber, 'looked');
  }

  private setting(): Setting {
    return settingOf(this.config, this.clock.now());
  }
}

function orderAddress(orderNumber: string): string {
  return `/console/orders/${encodeURIComponent(orderNumber)}`;
}

/** To the order that the button stood on, or to the list. */
function backTo(order: unknown, notice: string): Elsewhere {
  const isOrder = typeof order === 'string' && ORDER_NUMBER.test(order);
  return { url: `${isOrder ? orderAddress(order) : '/console'}?notice=${notice}` };
}
