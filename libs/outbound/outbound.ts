import { lookup } from 'node:dns/promises';
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type { Config, Database } from '#platform';
import { isPrivateAddress, mayConnect } from './private-address.js';

/** An answer says whether something was done; what is longer is cut, and nobody's memory is at the mercy of a stranger. */
const MAXIMUM_ANSWER_BYTES = 64 * 1024;

const NOT_PUBLIC = 'the address is not public';

interface OutboundAnswer {
  readonly status: number;
  /** At most 64 KiB; a longer one is cut there. */
  readonly body: string;
}

/** There was no answer. The message is short, and may be shown to the partner whose address was called. */
export class OutboundFailed extends Error {}

/** Every address that a name leads to. */
export type Resolve = (hostname: string) => Promise<readonly string[]>;

const resolveBySystem: Resolve = async (hostname) =>
  (await lookup(hostname, { all: true })).map(({ address }) => address);

/**
 * The only client for addresses that partners gave. A name is resolved once, everything that it leads to must be an address
 * that may be called, and the connection goes to what was checked, whatever the name leads to by then. Redirects are answers.
 */
export class Outbound {
  constructor(
    private readonly config: Pick<Config, 'mode' | 'callTimeoutMs'>,
    private readonly database: Pick<Database, 'assertOutsideTransaction'>,
    private readonly resolve: Resolve = resolveBySystem,
  ) {}

  /**
   * The configured time-out bounds the whole call: name, connection, headers and body together.
   * @returns whatever status was answered, 3xx, 4xx and 5xx included
   * @throws OutboundFailed when there was no answer, or the address may not be called
   */
  async post(
    url: string,
    request: { readonly body: string; readonly headers: Readonly<Record<string, string>> },
  ): Promise<OutboundAnswer> {
    this.database.assertOutsideTransaction('a call to a partner');
    const { callTimeoutMs } = this.config;
    const deadline = AbortSignal.timeout(callTimeoutMs);
    try {
      const target = this.check(url);
      const addresses = await before(deadline, this.addressesOf(target));
      return await exchange(target, addresses, request, deadline);
    } catch (error) {
      throw failure(error, deadline, callTimeoutMs);
    }
  }

  private check(url: string): URL {
    if (!/^https?:\/\//i.test(url) || !URL.canParse(url))
      throw new OutboundFailed('the address is not an http address');
    const target = new URL(url);
    if (target.username !== '' || target.password !== '') throw new OutboundFailed('the address holds credentials');
    if (target.protocol !== 'https:' && this.config.mode !== 'sandbox')
      throw new OutboundFailed('the address is not https');
    return target;
  }

  private async addressesOf({ hostname }: URL): Promise<readonly string[]> {
    // A name of RFC 6761 that some resolvers know and some ask the network for.
    if (this.config.mode !== 'sandbox' && isPrivateAddress(hostname)) throw new OutboundFailed(NOT_PUBLIC);
    const literal = hostname.replace(/^\[|\]$/g, '');
    const addresses = isIP(literal) === 0 ? await this.resolve(hostname) : [literal];
    if (addresses.length === 0) throw new OutboundFailed('the name could not be resolved');
    if (addresses.every((address) => mayConnect(address, this.config.mode))) return addresses;
    throw new OutboundFailed(NOT_PUBLIC);
  }
}

/** One connection for one call: none is kept whose other end a partner could hand to another. */
function exchange(
  target: URL,
  addresses: readonly string[],
  { body, headers }: { readonly body: string; readonly headers: Readonly<Record<string, string>> },
  signal: AbortSignal,
): Promise<OutboundAnswer> {
  // An agent of its own: the global one may have been told to use a proxy by the environment.
  const options = {
    method: 'POST',
    headers: { 'user-agent': 'Holdfast', ...headers },
    lookup: pinned(addresses),
    signal,
  };
  return new Promise((resolve, reject) => {
    const call =
      target.protocol === 'https:'
        ? httpsRequest(target, { ...options, agent: new HttpsAgent({ keepAlive: false }), rejectUnauthorized: true })
        : httpRequest(target, { ...options, agent: new HttpAgent({ keepAlive: false }) });
    let isAnswered = false;
    call.once('response', (response) => {
      isAnswered = true;
      readCapped(response)
        .then((text) => resolve({ status: response.statusCode ?? 0, body: text }), reject)
        .finally(() => call.destroy());
    });
    call.on('error', reject);
    // A connection can end in silence, as after an answer that switches protocols.
    call.once('close', () => {
      if (!isAnswered) reject(new OutboundFailed('the connection was closed without an answer'));
    });
    call.end(body);
  });
}

/** Stands in for the system's resolver while the connection is made. */
function pinned(addresses: readonly string[]): LookupFunction {
  const all = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_hostname, options, callback) => {
    if (options.all) callback(null, all);
    else callback(null, all[0]?.address ?? '', all[0]?.family);
  };
}

async function readCapped(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= MAXIMUM_ANSWER_BYTES) break;
  }
  return Buffer.concat(chunks).subarray(0, MAXIMUM_ANSWER_BYTES).toString('utf8');
}

/** Names cannot be asked for with a time-out of ours: the answer that comes too late is not waited for. */
function before<T>(deadline: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    deadline.addEventListener('abort', () => reject(new OutboundFailed('the name was not resolved in time')), {
      once: true,
    });
    work.then(resolve, reject);
  });
}

function failure(error: unknown, deadline: AbortSignal, timeoutMs: number): OutboundFailed {
  if (deadline.aborted) return new OutboundFailed(`no answer within ${timeoutMs / 1000} s`, { cause: error });
  if (error instanceof OutboundFailed) return error;
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (syscall === 'getaddrinfo') return new OutboundFailed('the name could not be resolved', { cause: error });
  return new OutboundFailed(`no connection, or no valid answer (${code ?? 'unknown'})`, { cause: error });
}
