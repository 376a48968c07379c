import { Catch, HttpException, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { isDatabaseAway } from '#platform';
import { IdempotentReplay, Idempotency } from './idempotency.js';
import {
  BODY_TOO_LARGE,
  INTERNAL_ERROR,
  MEDIA_TYPE_NOT_SUPPORTED,
  NOT_READY,
  Problem,
  PROBLEM_TYPE,
  REQUEST_NOT_VALID,
  ROUTE_NOT_FOUND,
} from './problem.js';

/** Turns everything that was thrown into an answer; nothing of an unforeseen error reaches the caller. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger('Http');

  constructor(private readonly idempotency: Idempotency) {}

  async catch(error: unknown, host: ArgumentsHost): Promise<void> {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    if (error instanceof IdempotentReplay) {
      await error.answer(reply);
      return;
    }
    const { problem, body } = await this.kept(request, error);
    if (problem.details.retryAfter !== undefined) void reply.header('Retry-After', String(problem.details.retryAfter));
    // RFC 9110, 15.5.2: a 401 says what is asked for. Where browsers ask people, the guard has said so already.
    if (problem.status === 401 && !reply.hasHeader('WWW-Authenticate')) void reply.header('WWW-Authenticate', 'Bearer');
    await reply.status(problem.status).header('Content-Type', PROBLEM_TYPE).send(body);
  }

  /** A refusal that could not be kept is not given: what throws here would leave the caller without any answer. */
  private async kept(request: FastifyRequest, error: unknown): Promise<{ problem: Problem; body: string }> {
    const problem = toProblem(error);
    if (problem.status >= 500 && !(error instanceof Problem)) this.logger.error({ err: error, requestId: request.id });
    const body = JSON.stringify(problem.body(request.id));
    try {
      await this.idempotency.keepRefusal(request, problem.status, body);
      return { problem, body };
    } catch (keepError) {
      this.logger.error({ err: keepError, requestId: request.id });
      const failure = toProblem(keepError);
      return { problem: failure, body: JSON.stringify(failure.body(request.id)) };
    }
  }
}

/** Also for what Fastify refuses before a handler is reached. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (isDatabaseAway(error)) return new Problem(NOT_READY, { retryAfter: 1 });
  const status = error instanceof HttpException ? error.getStatus() : ((error as FastifyError).statusCode ?? 500);
  if (status === 404) return new Problem(ROUTE_NOT_FOUND);
  if (status === 413) return new Problem(BODY_TOO_LARGE);
  if (status === 415) return new Problem(MEDIA_TYPE_NOT_SUPPORTED);
  if (status >= 400 && status < 500) return new Problem(REQUEST_NOT_VALID, { detail: (error as Error).message });
  return new Problem(INTERNAL_ERROR);
}
