import { randomUUID } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';

/**
 * Who is shopping: a random name in a cookie that scripts cannot read. A shop with a log-in takes its own customer id. The
 * cookie is not sent with forms of other sites, so that none of them can order or pay here.
 */
const COOKIE = 'pier_customer';
const ONE_YEAR_SECONDS = 31_536_000;
const NAME = /^customer-[0-9a-f-]{36}$/;

export function customerOf(request: FastifyRequest): string | undefined {
  const pairs = (request.headers.cookie ?? '').split(';').map((pair) => pair.trim().split('='));
  const name = pairs.find(([key]) => key === COOKIE)?.[1];
  return name !== undefined && NAME.test(name) ? name : undefined;
}

export interface ShopAddress {
  /** Behind a proxy: the address that customers know. */
  readonly shopUrl?: string;
}

export function welcome(request: FastifyRequest, reply: FastifyReply, shopUrl: string = request.protocol): string {
  const customer = customerOf(request) ?? `customer-${randomUUID()}`;
  const attributes = `Path=/; HttpOnly; SameSite=Lax; Max-Age=${ONE_YEAR_SECONDS}`;
  const secure = shopUrl.startsWith('https') ? '; Secure' : '';
  void reply.header('set-cookie', `${COOKIE}=${customer}; ${attributes}${secure}`);
  return customer;
}
