import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { barriers } from '../support/axe.js';
import { describeInBrowser } from '../support/browser.js';
import { overflow, PagesFixture } from './sandbox-pages.fixture.js';

/** What banks do with money, by the buttons of the dashboard. */
let fixture: PagesFixture;

async function paid(payment_method: string): Promise<string> {
  const { id } = await fixture.f.stripe.paymentIntents.create({
    amount: 5000,
    currency: 'eur',
    confirm: true,
    payment_method,
    automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
  });
  return id;
}

describeInBrowser('the dashboard', () => {
  beforeAll(async () => {
    fixture = await PagesFixture.open();
  });
  afterAll(() => fixture.close());

  /** Presses a button, and waits until the sandbox has done what it is for. */
  async function press(page: Page, what: string, id: string): Promise<void> {
    const done = page.waitForResponse((response) => response.request().method() === 'POST');
    await page.getByRole('button', { name: `${what} ${id}` }).click();
    await done;
  }
  const row = (page: Page, region: string, id: string) =>
    page.getByRole('region', { name: region, exact: true }).getByRole('row').filter({ hasText: id });

  test.each([1280, 390])('at %i px: accepts, refunds, disputes, for everybody', async (width) => {
    const { stripe, sandbox } = fixture.f;
    const processing = await paid('pm_card_sandboxProcessing');
    const refused = await paid('pm_card_sandboxProcessing');
    const { id: pending } = await stripe.refunds.create({ payment_intent: await paid('pm_card_pendingRefund') });
    const { id: failing } = await stripe.refunds.create({ payment_intent: await paid('pm_card_visa') });
    const page = await fixture.page({ width, javaScriptEnabled: true });
    await page.goto(sandbox.url);

    await press(page, 'Accept', processing);
    await press(page, 'Refuse', refused);
    expect((await stripe.paymentIntents.retrieve(processing)).status).toBe('succeeded');
    expect((await stripe.paymentIntents.retrieve(refused)).status).toBe('requires_payment_method');
    await press(page, 'Succeed', pending);
    await press(page, 'Fail', failing);
    expect((await stripe.refunds.retrieve(pending)).status).toBe('succeeded');
    expect((await stripe.refunds.retrieve(failing)).status).toBe('failed');
    await press(page, 'Dispute', processing);
    const dispute = (await stripe.disputes.list({ payment_intent: processing })).data[0]?.id ?? '';
    await press(page, 'Won', dispute);
    expect((await stripe.disputes.retrieve(dispute)).status).toBe('won');

    expect(await row(page, 'Disputes', dispute).textContent()).toContain('won');
    expect(await row(page, 'Refunds', failing).textContent()).toContain('failed');
    expect(await barriers(page)).toEqual([]);
    expect(await overflow(page)).toBe(0);
    await page.close();
  });
});
