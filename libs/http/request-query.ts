import { Injectable, SetMetadata, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import type { Observable } from 'rxjs';
import { faultsOfQuery } from './request-body.js';
import { invalidRequest } from './request-faults.js';

const TAKES_NO_QUERY = 'holdfast:takes-no-query';

/** Marks a call that has nothing to choose in its address. */
export const TakesNoQuery = () => SetMetadata(TAKES_NO_QUERY, true);

/**
 * Refuses a query where none is taken, as lists refuse names that they do not know: whoever filters what cannot be filtered
 * must hear so. For reading calls, after the guard; the others look at their query with their body, after the state.
 */
@Injectable()
export class QueryInterceptor implements NestInterceptor {
  constructor(private readonly reflector: Reflector) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const isAsked =
      ['GET', 'HEAD'].includes(request.method) &&
      this.reflector.get<true | undefined>(TAKES_NO_QUERY, context.getHandler());
    const faults = isAsked ? faultsOfQuery(request.query as object) : [];
    if (faults.length > 0) throw invalidRequest(faults);
    return next.handle();
  }
}
