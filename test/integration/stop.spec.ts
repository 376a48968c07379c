import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { isTaken } from '../support/free-ports.js';
import { Holdfast } from '../support/holdfast.js';
import { reserve } from '../support/payment-steps.js';

interface PaymentRow {
  readonly status: string;
  readonly held: boolean;
}

describe('a worker that is told to stop', () => {
  let holdfast: Holdfast;
  beforeAll(async () => {
    holdfast = await Holdfast.start({ schedules: true, environment: { RECONCILE_SECONDS: '1' } });
  });
  afterAll(() => holdfast.stop());

  const paymentOf = async (number: string): Promise<PaymentRow | undefined> => {
    const [row] = await holdfast.rows<PaymentRow>(
      'SELECT status, lease_until IS NOT NULL AS held FROM payments WHERE order_number = $1',
      [number],
    );
    return row;
  };

  it('finishes the job it is at, and leaves nothing held for others to wait for', async () => {
    await holdfast.startWorker();
    const isAsked = await holdfast.controls.hold({ method: 'POST', path: '/capture$' });
    const { number } = await reserve(holdfast);
    await isAsked();
    const stopped = holdfast.stopWorker();
    expect(await paymentOf(number)).toEqual({ status: 'Capturing', held: true });
    await holdfast.controls.clearFaults();
    await stopped;
    expect(await paymentOf(number)).toEqual({ status: 'Captured', held: false });
    const jobs = await holdfast.rows(`SELECT name, state FROM pgboss.job WHERE state IN ('active', 'retry')`);
    expect(jobs).toEqual([]);
  });

  it('finishes the scheduled run it is at', async () => {
    const { controls } = holdfast;
    await controls.webhooks({ mode: 'hold' });
    const { number } = await reserve(holdfast);
    await controls.advance(60);
    const isAsked = await controls.hold({ method: 'GET', path: '/v1/payment_intents/' });
    await holdfast.startWorker();
    await isAsked();
    const stopped = holdfast.stopWorker();
    expect(await paymentOf(number)).toMatchObject({ status: 'Pending' });
    await controls.clearFaults();
    await stopped;
    expect(await paymentOf(number)).toEqual({ status: 'Authorized', held: false });
  });
});

describe('an API that is told to stop', () => {
  let holdfast: Holdfast;
  beforeAll(async () => {
    holdfast = await Holdfast.start();
  });
  afterAll(() => holdfast.stop());

  it('still serves whoever is connected, answers what it was asked, and then lets go', async () => {
    const { api } = holdfast;
    const number = await api.placeOrder();
    const { hostname, port } = new URL((await holdfast.startApi()).url);
    const socket = connect(Number(port), hostname);
    let said = '';
    socket.on('data', (data) => (said += data.toString()));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    const post = (path: string, body: string) =>
      socket.write(
        `POST ${path} HTTP/1.1\r\nHost: holdfast\r\nAuthorization: Bearer hf_test_demo\r\n` +
          `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      );
    // The first is kept from its answer for as long as somebody else has the order.
    const other = await holdfast.database.connect();
    let stopped: Promise<void> | undefined;
    try {
      await other.query('BEGIN');
      await other.query('SELECT FROM orders WHERE order_number = $1 FOR UPDATE', [number]);
      post(`/v1/orders/${number}/cancel`, '{}');
      await eventually(
        () =>
          holdfast.rows(`SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`),
        (waiting) => waiting.length === 1,
      );
      stopped = holdfast.stopApi();
      await eventually(
        () => isTaken(Number(port)),
        (taken) => !taken,
      );
      post('/v1/accounts', '{"name": "late"}');
      await eventually(
        () => holdfast.rows(`SELECT FROM accounts WHERE name = 'late'`),
        (accounts) => accounts.length === 1,
      );
    } finally {
      await other.query('COMMIT');
      other.release();
    }
    await Promise.all([stopped, closed]);
    expect(said.match(/HTTP\/1\.1 .*/g)).toEqual(['HTTP/1.1 200 OK', 'HTTP/1.1 201 Created']);
    expect(said).toContain('"orderStatus":"Canceled"');
    expect(said.match(/^Connection: close/gim)).toHaveLength(1);
  });
});
