import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { PartnersService } from '#partners';
import { describeInBrowser, openBrowser, openPage } from '../support/browser.js';
import { eventually } from '../support/eventually.js';
import { Holdfast } from '../support/holdfast.js';

/** What a page makes of a call: the answer as far as the browser lets it see, or that it does not. */
type Seen = { status: number; requestId: string | null; body: { code?: string; accountId?: string } } | 'blocked';

describeInBrowser('a partner’s page with an account token', () => {
  let holdfast: Holdfast;
  let browser: Browser;
  let accountId: string;
  let token: string;
  const sites: Server[] = [];

  beforeAll(async () => {
    holdfast = await Holdfast.start({ worker: false });
    browser = await openBrowser();
    accountId = await holdfast.api.createAccount();
    token = (await holdfast.api.post(`/v1/accounts/${accountId}/tokens`, {})).body.token as string;
  });
  afterAll(async () => {
    for (const site of sites) site.close();
    await holdfast.stop();
  });

  /** A site of its own, which shows an empty page. */
  async function site(): Promise<string> {
    const server = createServer((_, response) =>
      response.setHeader('Content-Type', 'text/html').end('<title>Shop</title>'),
    );
    sites.push(server.listen(0, '127.0.0.1'));
    await new Promise((resolve) => server.once('listening', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  async function seenFrom(origin: string, path: string, init: { method: string; body?: string }, credential = token) {
    const page = await openPage(browser);
    try {
      await page.goto(origin);
      const headers = { Authorization: `Bearer ${credential}`, 'Content-Type': 'application/json' };
      const call = JSON.stringify([`${holdfast.api.url}${path}`, { ...init, headers }]);
      return await page.evaluate<Seen>(`fetch(...${call}).then(
        async (answer) => ({ status: answer.status, requestId: answer.headers.get('x-request-id'), body: await answer.json() }),
        () => 'blocked')`);
    } finally {
      await page.close();
    }
  }

  it('reads and pays from its own origin, and from no other', async () => {
    const [ours, theirs, nobodys] = [await site(), await site(), await site()];
    const partners = holdfast.app.get(PartnersService);
    await partners.set('par_demo', { origins: [ours] });
    await partners.set((await holdfast.createPartner()).partnerId, { origins: [theirs] });
    const number = await holdfast.api.placeOrder({ accountId });

    const read = { method: 'GET' };
    const isSeen = (seen: Seen) => seen !== 'blocked';
    const seen = await eventually(() => seenFrom(ours, '/v1/accounts/me', read), isSeen);
    expect(seen).toEqual({
      status: 200,
      requestId: expect.stringMatching(/^req_/),
      body: expect.objectContaining({ accountId }),
    });
    const init = { method: 'PUT', body: '{}' };
    expect(await seenFrom(ours, `/v1/orders/${number}/payment`, init)).toMatchObject({ status: 200 });
    expect(await seenFrom(ours, '/v1/accounts/me', read, 'ey.ey.ey')).toMatchObject({
      ...{ status: 401, body: { code: 'credential-not-valid' } },
    });
    expect(await seenFrom(ours, `/v1/accounts/${accountId}`, read, 'hf_test_demo')).toBe('blocked');
    expect(await seenFrom(theirs, '/v1/accounts/me', read)).toBe('blocked');
    expect(await seenFrom(nobodys, '/v1/accounts/me', read)).toBe('blocked');
    expect(await seenFrom(nobodys, '/v1/accounts/me', read, 'ey.ey.ey')).toBe('blocked');

    await partners.set('par_demo', { origins: [] });
    await eventually(
      () => seenFrom(ours, '/v1/accounts/me', read),
      (late) => late === 'blocked',
    );
  });
});
