import { Controller, Get, Header, Redirect } from '@nestjs/common';
import { ApiExcludeEndpoint, ApiProperty, ApiTags } from '@nestjs/swagger';
import { Access, ApiCall, NOT_READY, Problem } from '#http';
import { Database, Metrics } from '#platform';

class HealthDto {
  @ApiProperty({ enum: ['ok'] }) status: 'ok';
}

/** What a load balancer and Prometheus ask for. */
@ApiTags('Operations')
@Controller()
export class OperationsController {
  constructor(
    private readonly database: Database,
    private readonly metrics: Metrics,
  ) {}

  /** Whoever opens the bare address is looking for a page. */
  @Get()
  @Access({ who: 'public' })
  @Redirect('/docs')
  @ApiExcludeEndpoint()
  leadToDocs(): void {
    // The redirect is all there is.
  }

  @Get('health/live')
  @Access({ who: 'public' })
  @ApiCall({
    summary: 'The process runs',
    answers: { 200: { description: 'It does', type: HealthDto } },
    open: true,
  })
  live(): HealthDto {
    return { status: 'ok' };
  }

  @Get('health/ready')
  @Access({ who: 'public' })
  @ApiCall({
    summary: 'The process can answer',
    answers: { 200: { description: 'It can', type: HealthDto } },
    problems: [NOT_READY],
    open: true,
  })
  async ready(): Promise<HealthDto> {
    await this.database.ping().catch(() => {
      throw new Problem(NOT_READY, { retryAfter: 1 });
    });
    return { status: 'ok' };
  }

  @Get('metrics')
  @Access({ who: 'operator' })
  @Header('Content-Type', 'text/plain; version=0.0.4; charset=utf-8')
  @ApiExcludeEndpoint()
  async scrape(): Promise<string> {
    return this.metrics.registry.metrics();
  }
}
