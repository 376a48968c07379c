import type { FastifyRequest } from 'fastify';

export type Asked = FastifyRequest;
