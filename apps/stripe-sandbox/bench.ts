import { Agent, request } from 'node:http';

export interface Load {
  readonly creations: number;
  /** Connections that are kept open, each with one request at a time. */
  readonly connections: number;
}

/** What an integration sends that reserves first. */
const FORM = new URLSearchParams({
  amount: '5000',
  currency: 'eur',
  capture_method: 'manual',
  'automatic_payment_methods[enabled]': 'true',
  'metadata[order]': '26-000001',
}).toString();

let requestsMade = 0;

/** Creates PaymentIntents over HTTP with keep-alive, each with its own idempotency key. @returns creations per second */
export async function measureCreations(url: string, secretKey: string, load: Load): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: load.connections });
  let left = load.creations;
  const lane = async () => {
    while (left > 0) {
      left -= 1;
      await create(url, secretKey, agent);
    }
  };
  const begun = performance.now();
  await Promise.all(Array.from({ length: load.connections }, lane));
  const seconds = (performance.now() - begun) / 1000;
  agent.destroy();
  return load.creations / seconds;
}

/** @throws when the answer is not a new PaymentIntent: a refusal is quickly given, and is not what is measured */
function create(url: string, secretKey: string, agent: Agent): Promise<void> {
  requestsMade += 1;
  const headers = {
    authorization: `Bearer ${secretKey}`,
    'content-type': 'application/x-www-form-urlencoded',
    'content-length': FORM.length,
    'idempotency-key': `bench-${process.pid}-${requestsMade}`,
  };
  return new Promise((resolve, reject) => {
    const sent = request(`${url}/v1/payment_intents`, { method: 'POST', agent, headers }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (part: string) => (body += part));
      response.on('error', reject).on('end', () => {
        const created = response.statusCode === 200 && body.includes('"status":"requires_payment_method"');
        if (created) resolve();
        else reject(new Error(`${response.statusCode}: ${body.slice(0, 200)}`));
      });
    });
    sent.on('error', reject).end(FORM);
  });
}
