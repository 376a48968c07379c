import { Catch, Inject, Logger, type ArgumentsHost } from '@nestjs/common';
import { Clock, CONFIG, type Config } from '#platform';
import { Idempotency, Problem, ProblemFilter, toProblem, type HttpReply, type HttpRequest } from '#http';
import { HTML_TYPE, settingOf } from './console.pages.layout.js';
import { problemPage } from './console.pages.problem.js';

/** A person gets a page, a program the problem that it gets everywhere. */
@Catch()
export class ConsoleFilter extends ProblemFilter {
  private readonly consoleLogger = new Logger('Console');

  constructor(
    idempotency: Idempotency,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {
    super(idempotency);
  }

  override async catch(error: unknown, host: ArgumentsHost): Promise<void> {
    const request = host.switchToHttp().getRequest<HttpRequest>();
    if (!/\btext\/html\b/.test(request.headers.accept ?? '')) return super.catch(error, host);
    const problem = toProblem(error);
    const isUnforeseen = problem.status >= 500 && !(error instanceof Problem);
    if (isUnforeseen) this.consoleLogger.error({ err: error, requestId: request.id });
    const reply = host.switchToHttp().getResponse<HttpReply>();
    if (problem.details.retryAfter !== undefined) void reply.header('Retry-After', String(problem.details.retryAfter));
    const page = problemPage(settingOf(this.config, this.clock.now()), problem, request.id);
    await reply.status(problem.status).header('Content-Type', HTML_TYPE).send(page);
  }
}
