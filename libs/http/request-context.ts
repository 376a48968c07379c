import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { newId } from '#platform';
import { RequestBody, validate } from './request-body.js';

/** What a handler gets as `@Req()` and `@Res()`; rooms do not know the server behind them. */
export type HttpRequest = FastifyRequest;
export type HttpReply = FastifyReply;

/** Sane enough to be written into a log and a header. */
const REQUEST_ID = /^[A-Za-z0-9._:-]{1,128}$/;

/** The caller's `X-Request-Id` if it is sane, otherwise one of ours. */
export function requestIdOf(header: string | string[] | undefined): string {
  return typeof header === 'string' && REQUEST_ID.test(header) ? header : newId('req');
}

/** The body's bytes as they came; the one content-type parser of the application hands them on untouched. */
export function bodyBytes(request: FastifyRequest): Buffer {
  return Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
}

function requestOf(context: ExecutionContext): FastifyRequest {
  return context.switchToHttp().getRequest<FastifyRequest>();
}

/** A handler's parameter of type `RequestBody<Dto>`: validated by the handler when it is the body's turn. */
export const JsonBody = createParamDecorator((dto: new () => object, context: ExecutionContext) => {
  const request = requestOf(context);
  return new RequestBody(dto, bodyBytes(request), { ...(request.query as object) });
});

/** A handler's parameter of the DTO's type, read from the query string and validated. */
export const QueryOf = createParamDecorator((dto: new () => object, context: ExecutionContext) =>
  validate(dto, { ...(requestOf(context).query as object) }),
);

/** A handler's parameter with the raw bytes of the body, which a signature is computed over. */
export const RawBody = createParamDecorator((_: unknown, context: ExecutionContext) => bodyBytes(requestOf(context)));
