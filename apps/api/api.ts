import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Logger } from 'nestjs-pino';
import {
  HEADERS_TOO_LARGE,
  MEDIA_TYPE_NOT_SUPPORTED,
  Problem,
  PROBLEM_TYPE,
  REQUEST_NOT_VALID,
  requestIdOf,
  toProblem,
  type HttpReply,
  type HttpRequest,
} from '#http';
import { Jobs, loggedAddress, Metrics, type Config } from '#platform';
import { ApiModule } from './api.module.js';
import { allowOrigins } from './cors.js';
import { securityHeaders } from './headers.js';
import { documentApi } from './openapi.js';

const BODY_LIMIT_BYTES = 1024 * 1024;
/** A body of this size comes within it over a slow line; without an end, a few slow senders would hold every connection. */
const REQUEST_MS = 30_000;
/** As long as a request's head may be: what is no id of ours is answered like an unknown one, not by the router. */
const PARAMETER_LIMIT = 16 * 1024;

/** The API, ready to listen; tests start it as the program does. */
export async function createApi(config: Config): Promise<NestFastifyApplication> {
  const app = await NestFactory.create<NestFastifyApplication>(ApiModule.forRoot(config), createAdapter(config), {
    bodyParser: false,
    bufferLogs: true,
    // When it does not start, the program prints why, once; what Nest buffered is in another format.
    autoFlushLogs: false,
    abortOnError: false,
  });
  app.useLogger(app.get(Logger));
  app.flushLogs();
  handOnBytes(app);
  observe(app, config);
  answerByOurselves(app);
  allowOrigins(app);
  documentApi(app);
  await app.init();
  await app.get(Jobs).start();
  return app;
}

function createAdapter(config: Config): FastifyAdapter {
  return new FastifyAdapter({
    // Whoever is not one of these may write what it likes into X-Forwarded-For: nobody reads it.
    trustProxy: config.trustedProxies.length > 0 ? [...config.trustedProxies] : false,
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_MS,
    genReqId: (request: { headers: Record<string, string | string[] | undefined> }) =>
      requestIdOf(request.headers['x-request-id']),
    routerOptions: { maxParamLength: PARAMETER_LIMIT },
    rewriteUrl: ({ url = '/' }) => decodable(url),
    // Whoever is still connected while we end is served, and then let go; Fastify's own 503 is no problem of ours.
    return503OnClosing: false,
    frameworkErrors: (error: Error, request: HttpRequest, reply: HttpReply) => {
      const problem = toProblem(error);
      void reply
        .status(problem.status)
        .headers({ ...securityHeaders(config), 'X-Request-Id': request.id })
        .type(PROBLEM_TYPE)
        .send(JSON.stringify(problem.body(request.id)));
    },
    // What Node answers by itself has none of our headers and no problem: we ask for a host ourselves.
    http: { requireHostHeader: false },
    clientErrorHandler: (error, socket) => answerNoRequest(config, error, socket),
  });
}

/**
 * An id that is not UTF-8 is nobody's, and is answered like any other that is unknown, in its turn, and not by the router
 * before anybody is asked who he is: what cannot be decoded stands for itself.
 */
function decodable(url: string): string {
  const path = url.replace(/\?.*$/, '');
  try {
    decodeURIComponent(path);
    return url;
  } catch {
    return `${path.replaceAll('%', '%25')}${url.slice(path.length)}`;
  }
}

/** What is no HTTP request reaches no route; its sender gets a problem all the same. */
function answerNoRequest(config: Config, error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const requestId = requestIdOf(undefined);
  const problem = new Problem(error.code === 'HPE_HEADER_OVERFLOW' ? HEADERS_TOO_LARGE : REQUEST_NOT_VALID);
  const body = JSON.stringify(problem.body(requestId));
  const head = [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
    `Content-Type: ${PROBLEM_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Request-Id: ${requestId}`,
    ...Object.entries(securityHeaders(config)).map(([name, value]) => `${name}: ${value}`),
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

/** Every body reaches its handler as the bytes that came: a signature is computed over them, and JSON is read in its turn. */
function handOnBytes(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance();
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    const encoding = request.headers['content-encoding'] ?? 'identity';
    if (encoding.toLowerCase() === 'identity') done(null, body);
    else done(new Problem(MEDIA_TYPE_NOT_SUPPORTED, { detail: 'The body must not be compressed' }));
  });
  // The console's forms are buttons: what they do is in their address, and what they send is not looked at.
  fastify.addContentTypeParser('application/x-www-form-urlencoded', (request, body, done) => {
    body.resume();
    if (request.is404 || request.url.startsWith('/console/')) done(null);
    else done(new Problem(MEDIA_TYPE_NOT_SUPPORTED));
  });
}

/** Two things that Node would refuse without asking us: HTTP/1.1 without a host, and an expectation, which may be ignored. */
function answerByOurselves(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance();
  const { server } = fastify;
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
  fastify.addHook('onRequest', (request, _reply, done) => {
    const lacksHost = request.headers.host === undefined && request.raw.httpVersion === '1.1';
    done(lacksHost ? new Problem(REQUEST_NOT_VALID, { detail: 'HTTP/1.1 needs a Host' }) : undefined);
  });
}

function observe(app: NestFastifyApplication, config: Config): void {
  const fastify = app.getHttpAdapter().getInstance();
  const metrics = app.get(Metrics);
  const logger = app.get(Logger);
  fastify.addHook('onRequest', (request, reply, done) => {
    void reply.headers({ ...securityHeaders(config, request.url), 'X-Request-Id': request.id });
    done();
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'unknown';
    metrics.observeRequest(request.method, route, reply.statusCode, reply.elapsedTime / 1000);
    const line = {
      ...{ requestId: request.id, method: request.method, url: loggedAddress(request.url) },
      ...{ status: reply.statusCode, milliseconds: Math.round(reply.elapsedTime) },
    };
    if (reply.statusCode >= 500) logger.error(line, 'Request');
    else logger.debug(line, 'Request');
    done();
  });
}
