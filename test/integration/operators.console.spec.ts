import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { dyingRelease, fill, HOSTILE, plantCase } from '../e2e/console.fixture.js';
import { eventually } from '../support/eventually.js';
import { Holdfast } from '../support/holdfast.js';
import { reserve, secretOf } from '../support/payment-steps.js';
import type { Receiver } from '../support/receiver.js';

const KEY = 'console-operators-key';
const basic = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
/** As a browser asks for a page. */
const BROWSER = { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
/** As it sends a form. */
const FORM = { 'Content-Type': 'application/x-www-form-urlencoded' };
const OURS = { 'Sec-Fetch-Site': 'same-origin' };

let holdfast: Holdfast;
let orders: Record<string, string>;
let receiver: Receiver;
beforeAll(async () => {
  holdfast = await Holdfast.start({ environment: { OPERATOR_KEY: KEY } });
  ({ orders, receiver } = await fill(holdfast));
});
afterAll(async () => {
  await holdfast.stop();
  await receiver.stop();
});

const ask = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  fetch(`${holdfast.api.url}${path}`, { method, headers: { ...BROWSER, ...headers }, redirect: 'manual' });
const signedIn = { Authorization: basic('anybody', KEY) };
const page = async (path: string) => {
  const answer = await ask(`/console${path}`, signedIn);
  expect([path, answer.status, answer.headers.get('content-type')]).toEqual([path, 200, 'text/html; charset=utf-8']);
  return answer.text();
};
const press = (path: string, headers: Record<string, string> = OURS) =>
  ask(`/console/${path}`, { ...signedIn, ...FORM, ...headers }, 'POST');
let planted = 0;
const caseAbout = async (subject: string) => {
  const kind = `planted-${++planted}`;
  await plantCase(holdfast, kind, subject);
  const [row] = await holdfast.rows<{ id: string }>('SELECT id::text FROM operator_cases WHERE kind = $1', [kind]);
  return row?.id ?? '';
};
const isOpen = async (id: string) =>
  (await holdfast.rows('SELECT FROM operator_cases WHERE id = $1 AND closed_at IS NULL', [id])).length === 1;

describe('who may use the console', () => {
  it('asks a browser for the key, and takes it with any name, or as a bearer token', async () => {
    for (const path of ['', '/orders', '/orders/26-100000', '/endpoints', '/console.css']) {
      for (const headers of [
        {},
        { Authorization: basic('operator', 'wrong') },
        { Authorization: 'Bearer hf_test_demo' },
      ]) {
        const refused = await ask(`/console${path}`, headers);
        expect([path, refused.status]).toEqual([path, 401]);
        expect(refused.headers.get('www-authenticate')).toBe('Basic realm="Holdfast"');
        expect(refused.headers.get('cache-control')).toBe('no-store');
        // What it would have to load would ask for the key again.
        expect(await refused.text()).toMatch(/^<!doctype html>(?!.*console\.css)/s);
      }
      for (const Authorization of [basic('', KEY), basic('a name', KEY), `Bearer ${KEY}`]) {
        const answer = await ask(`/console${path}`, { Authorization });
        expect([path, answer.status]).toEqual([path, path === '/orders/26-100000' ? answer.status : 200]);
        expect(answer.headers.has('www-authenticate')).toBe(false);
      }
    }
  });

  it('asks by Basic nowhere else, so that no browser sends a password to the API by itself', async () => {
    for (const path of ['/v1/operator/stuck', '/metrics', '/v1/orders']) {
      const refused = await ask(path, signedIn);
      expect([path, refused.status, refused.headers.get('www-authenticate')]).toEqual([path, 401, 'Bearer']);
    }
  });

  it('limits guesses as everywhere', async () => {
    const guess = () => ask('/console', { Authorization: basic('x', 'a-guess') });
    const api = await holdfast.startApi();
    const statuses: number[] = [];
    for (let n = 0; n < 102; n++) {
      const { status } = await fetch(`${api.url}/console`, { headers: { Authorization: basic('x', `guess-${n}`) } });
      statuses.push(status);
    }
    expect(statuses.slice(0, 100).every((status) => status === 401)).toBe(true);
    expect(statuses.slice(100)).toEqual([429, 429]);
    expect((await guess()).status).toBe(401);
  });

  it('is open to everyone in sandbox mode without a key, and still does nothing for another site', async () => {
    const api = await holdfast.startApi({ operatorKey: undefined });
    expect((await fetch(`${api.url}/console`)).status).toBe(200);
    const post = (headers: Record<string, string>) =>
      fetch(`${api.url}/console/cases/1/close`, { method: 'POST', headers: { ...FORM, ...headers } });
    expect((await post({ 'Sec-Fetch-Site': 'cross-site' })).status).toBe(403);
  });
});

describe('a button of the console', () => {
  it.each([
    ['of another site', { 'Sec-Fetch-Site': 'cross-site' }],
    ['of a neighbouring host', { 'Sec-Fetch-Site': 'same-site' }],
    ['of no page at all', { 'Sec-Fetch-Site': 'none' }],
    ['of another site, whatever origin it claims', { 'Sec-Fetch-Site': 'cross-site', Origin: 'OWN' }],
    ['of another origin, in a browser that says no more', { Origin: 'https://evil.example' }],
    ['of the same host at another port', { Origin: 'http://127.0.0.1:1' }],
    ['of a page without an origin', { Origin: 'null' }],
    ['of whoever says nothing', {}],
  ])('does nothing on a page %s', async (_, headers: Record<string, string>) => {
    const id = await caseAbout('pi_another_site');
    const sent = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, value === 'OWN' ? holdfast.api.url : value]),
    );
    const refused = await press(`cases/${id}/close`, sent);
    expect(refused.status).toBe(403);
    expect(await refused.text()).toContain('request-from-another-site');
    expect(await isOpen(id)).toBe(true);
  });

  it.each(['Sec-Fetch-Site', 'Origin'])('works on a page of ours, as %s tells', async (header) => {
    const id = await caseAbout(orders.reserved ?? '');
    const headers = header === 'Origin' ? { Origin: holdfast.api.url } : OURS;
    const done = await press(`cases/${id}/close?order=${orders.reserved}`, headers);
    expect([done.status, done.headers.get('location')]).toEqual([
      303,
      `/console/orders/${orders.reserved}?notice=closed`,
    ]);
    expect(await isOpen(id)).toBe(false);
    expect(await page(`/orders/${orders.reserved}?notice=closed`)).toContain('The case is closed.');
  });

  it('says how an order that stays in Delivered was settled: a button for each way, and none that does not say', async () => {
    const number = orders.reserved ?? '';
    const [row] = await holdfast.rows<{ id: string }>(
      `SELECT id::text FROM operator_cases WHERE kind = 'delivered-uncharged' AND subject = $1`,
      [number],
    );
    const id = row?.id ?? '';
    const actions = [...(await page('')).matchAll(new RegExp(`/console/(cases/${id}/close[^"]*)`, 'g'))].map(
      ([, action = '']) => action,
    );
    const ways = ['collected', 'refunded', 'written-off'].map((way) => `cases/${id}/close?settlement=${way}`);
    expect(actions).toEqual(ways);
    for (const path of [`cases/${id}/close`, `cases/${id}/close?settlement=perhaps`]) {
      expect((await press(path)).status).toBe(400);
      expect(await isOpen(id)).toBe(true);
    }
    const onOrder = await page(`/orders/${number}`);
    expect(onOrder).toContain(`cases/${id}/close?order=${number}&#38;settlement=refunded`);
    expect((await press(`cases/${id}/close?order=${number}&settlement=refunded`)).headers.get('location')).toBe(
      `/console/orders/${number}?notice=closed`,
    );
    expect(await isOpen(id)).toBe(false);
    await holdfast.rows('UPDATE operator_cases SET closed_at = NULL, settlement = NULL WHERE id = $1', [id]);
  });

  it('leads back to the list, and nowhere else', async () => {
    for (const order of ['//evil.example', '26-100000/../../x', '']) {
      const id = await caseAbout('pi_elsewhere');
      const done = await press(`cases/${id}/close?order=${encodeURIComponent(order)}`);
      expect(done.headers.get('location')).toBe('/console?notice=closed');
    }
    expect(await page('?notice=%3Cb%3Eowned')).not.toContain('owned');
  });

  it('replays a dead job, once', async () => {
    const number = await dyingRelease(holdfast);
    const path = /action="\/console\/(jobs\/[^"]+)"/.exec(await page(`/orders/${number}`))?.[1] ?? '';
    expect(path).toMatch(/replay\?order=/);
    expect((await press(path)).headers.get('location')).toBe(`/console/orders/${number}?notice=replayed`);
    await holdfast.api.orderIn(number, 'Canceled');
    expect(await page(`/orders/${number}`)).toContain('released, not charged');
    expect((await press(path)).status).toBe(404);
  });

  it('looks again at Stripe, and says so when Stripe is away', async () => {
    await holdfast.controls.webhooks({ mode: 'hold' });
    const { number } = await reserve(holdfast);
    await holdfast.controls.fault({ path: '/v1/payment_intents', kind: 'error', status: 503, times: 10 });
    const refused = await press(`orders/${number}/look`);
    expect([refused.status, refused.headers.has('retry-after')]).toEqual([503, true]);
    expect(await refused.text()).toContain('Stripe did not answer');
    await holdfast.controls.clearFaults();
    expect((await press(`orders/${number}/look`)).status).toBe(303);
    await holdfast.api.orderIn(number, 'Fulfilled');
    await holdfast.controls.webhooks({ mode: 'deliver' });
  });

  it('is a form, which nothing else here takes', async () => {
    const answer = await holdfast.api.call('/v1/orders', { method: 'POST', raw: 'a=b', headers: FORM });
    expect(answer.status).toBe(415);
    expect((await fetch(`${holdfast.api.url}/nowhere`, { method: 'POST', headers: FORM, body: 'a=b' })).status).toBe(
      404,
    );
  });
});

describe('a page of the console', () => {
  it.each<[string, string[]]>([
    ['partly', ['12.50 EUR</strong>', 'charged and kept', '9.00 EUR</strong>', 'released, not charged']],
    ['yen', ['125000 JPY</strong>', 'charged and kept']],
    ['dinar', ['12.340 KWD</strong>', 'charged and kept']],
    ['nothing', ['12.50 EUR</strong>', 'released, not charged']],
    ['free', ['Free: no money moves.']],
    ['pending', ['asked for, not reserved yet']],
    ['placed', ['never reserved', 'Abandoned']],
    ['disputed', ['35.00 EUR</strong>', 'disputed: taken back by the bank', '15.00 EUR</strong>']],
    ['reserved', ['reserved on the card, not charged', 'reserved until', 'delivered-uncharged']],
    ['canceled', ['released, not charged', 'released because']],
  ])('shows where the money of an order is: %s', async (kind, words) => {
    const text = await page(`/orders/${orders[kind]}`);
    for (const word of words) expect(text).toContain(word);
  });

  it('is found by whatever names an order', async () => {
    const number = orders.disputed ?? '';
    const [ids] = await holdfast.rows<Record<string, string>>(
      `SELECT p.payment_id, p.payment_intent_id, r.refund_id, r.stripe_refund_id, d.dispute_id FROM payments p
       JOIN refunds r USING (order_number) JOIN disputes d USING (order_number) WHERE p.order_number = $1`,
      [number],
    );
    expect(Object.keys(ids ?? {})).toHaveLength(5);
    for (const name of [number, `${number}-1`, ` ${number} `, ...Object.values(ids ?? {})]) {
      const answer = await ask(`/console/orders?query=${encodeURIComponent(name)}`, signedIn);
      expect([name, answer.status, answer.headers.get('location')]).toEqual([name, 303, `/console/orders/${number}`]);
    }
    expect(await page('/orders?query=nobody')).toContain('Nothing is named');
    expect(await page('/orders?query=par_demo')).toContain(`${Object.keys(orders).length}`);
  });

  it('is a page too when there is no such order, or the address is none', async () => {
    for (const path of ['/orders/26-999999', '/orders/%00', '/orders/x%27', '/orders/26-100000000000000000000']) {
      const answer = await ask(`/console${path}`, signedIn);
      expect([path, answer.status]).toEqual([path, 404]);
      expect(await answer.text()).toContain('There is no such order');
    }
    const tooLong = await ask(`/console/orders?query=${'x'.repeat(201)}`, signedIn);
    expect([tooLong.status, await tooLong.text()]).toEqual([400, expect.stringContaining('request-not-valid')]);
  });

  it('shows what partners write as it is written, and never as markup', async () => {
    const text = await page(`/orders/${orders.hostile}`);
    for (const forbidden of ['<script', '<img', '<b ', '<i>k', '\u202E', '\u2066', HOSTILE.name, HOSTILE.sku])
      expect(text).not.toContain(forbidden);
    expect(text).toContain('&#60;script&#62;alert(2)&#60;/script&#62;');
    expect(text).toContain('[U+202E]gpj.exe[U+202C]');
    expect(text).toContain('W'.repeat(490));
    expect(await page('')).toContain('&#60;b&#62;planted');
    expect(await page(`/orders?query=${encodeURIComponent('"><script>')}`)).not.toContain('<script');
  });

  it('shows no ticket, no secret, and of an address no more than its host', async () => {
    await holdfast.api.post('/v1/notification-endpoints', { url: `${receiver.url}/path-key?token=query-key` });
    receiver.answer = () => 503;
    await holdfast.api.placeOrder();
    const failing = await eventually(
      () => page('/endpoints'),
      (text) => text.includes('status 503'),
    );
    expect(failing).toContain(new URL(receiver.url).origin);
    expect(failing).toContain('https://supplier.example');
    expect(failing).toMatch(/[1-9]\d* notifications?/);
    const [deliverable] = await holdfast.rows<{ value: string }>(
      `SELECT deliverables->0->>'value' AS value FROM order_items WHERE order_number = $1 AND status = 'Delivered'`,
      [orders.partly],
    );
    const pending = secretOf(await holdfast.api.init(orders.pending ?? ''));
    const pages = [
      failing,
      await page(''),
      await page(`/orders/${orders.partly}`),
      await page(`/orders/${orders.pending}`),
    ];
    for (const secret of ['path-key', 'query-key', 'topsecret', '/hook', 'whsec_', deliverable?.value ?? '', pending])
      expect([secret, pages.some((text) => text.includes(secret))]).toEqual([secret, false]);
    receiver.answer = () => 204;
  });

  it('says when a list goes on', async () => {
    const number = await holdfast.api.placeOrder();
    await holdfast.rows(
      `INSERT INTO order_timeline (order_number, at, type, actor, detail)
       SELECT $1, now(), 'planted.' || n, 'holdfast', '{}' FROM generate_series(1, 600) n`,
      [number],
    );
    const text = await page(`/orders/${number}`);
    expect(text).toContain('The newest 500 lines');
    expect(text).toContain('planted.600<');
    expect(text).not.toContain('planted.100<');
    expect(await page(`/orders/${orders.partly}`)).not.toContain('The newest 500');
  });

  it('lists as much as a person reads, and counts the rest', async () => {
    await holdfast.rows(
      `INSERT INTO operator_cases (kind, subject, reason, next_step, facts, opened_at)
       SELECT 'many', 'pi_many_' || n, 'because', 'do so', '{}', now() FROM generate_series(1, 300) n`,
    );
    const text = await page('');
    expect(text).toContain('300 × many');
    expect(text).toContain('The 100 that wait longest are shown');
    const metrics = await (await ask('/metrics', { Authorization: `Bearer ${KEY}` })).text();
    expect(metrics).toContain('holdfast_operator_cases{kind="many"} 300');
    expect(metrics).toContain('holdfast_troubles{what="failed-events"} 1');
    expect(metrics).toContain('holdfast_troubles{what="open-fulfillment-circuits"} 1');
    await holdfast.rows(`UPDATE operator_cases SET closed_at = now() WHERE kind = 'many'`);
    const after = await (await ask('/metrics', { Authorization: `Bearer ${KEY}` })).text();
    expect(after).not.toContain('kind="many"');
  });

  it('has styles of its own address, no script, and is kept nowhere', async () => {
    const answer = await ask('/console', signedIn);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('content-security-policy')).toContain("style-src 'self';");
    expect(await answer.text()).not.toMatch(/<script|<style|\sstyle=|\son\w+=/);
    const sheet = await ask('/console/console.css', signedIn);
    expect(sheet.headers.get('content-type')).toBe('text/css; charset=utf-8');
  });
});
