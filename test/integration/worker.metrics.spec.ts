import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Metrics, readConfig } from '#platform';
import { serveMetrics } from '../../apps/worker/worker.metrics.js';

const ENVIRONMENT = { HOLDFAST_SECRETS: `a:${Buffer.alloc(32, 7).toString('base64')}` };

describe('what Prometheus reads of a worker', () => {
  const metrics = new Metrics();
  const servers: Awaited<ReturnType<typeof serveMetrics>>[] = [];
  let closed: string;
  let open: string;
  const serve = async (environment: Record<string, string>) => {
    const server = await serveMetrics(readConfig({ ...ENVIRONMENT, ...environment }), metrics, 0);
    servers.push(server);
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  beforeAll(async () => {
    closed = await serve({ OPERATOR_KEY: 'operators-own' });
    open = await serve({});
  });
  afterAll(() => servers.forEach((server) => server.close()));

  const get = (url: string, key?: string) => fetch(url, key ? { headers: { Authorization: `Bearer ${key}` } } : {});

  it('is its own counters, for the operator', async () => {
    metrics.countReconciled('event:payment_intent.canceled', 'processed');
    const answer = await get(`${closed}/metrics`, 'operators-own');
    expect(answer.status).toBe(200);
    expect(answer.headers.get('Content-Type')).toContain('text/plain');
    expect(await answer.text()).toContain(
      'holdfast_reconciled_total{what="event:payment_intent.canceled",result="processed"} 1',
    );
  });

  it.each([undefined, 'wrong', 'operators-own '.repeat(2)])('is not for the key %s', async (key) => {
    expect((await get(`${closed}/metrics`, key)).status).toBe(401);
  });

  it('is for everybody in sandbox mode without a key, as at the API', async () => {
    expect((await get(`${open}/metrics`)).status).toBe(200);
  });

  it('says that it lives, and nothing else', async () => {
    expect(await (await get(`${closed}/health/live`)).json()).toEqual({ status: 'ok' });
    for (const path of ['/', '/v1/orders', '/metrics/x', '/metrics?key=operators-own'])
      expect((await get(`${closed}${path}`)).status).toBe(404);
    expect((await fetch(`${closed}/metrics`, { method: 'POST' })).status).toBe(404);
  });
});
