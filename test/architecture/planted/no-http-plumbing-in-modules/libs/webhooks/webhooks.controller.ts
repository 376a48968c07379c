import type { FastifyRequest } from 'fastify';

export type Called = FastifyRequest;
