import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { barriers } from '../support/axe.js';
import { describeInBrowser } from '../support/browser.js';
import { eventually } from '../support/eventually.js';
import { fillCard, overflow, PagesFixture } from './sandbox-pages.fixture.js';

describeInBrowser('the pages of the sandbox', () => {
  let fixture: PagesFixture;
  const pages: Page[] = [];
  beforeAll(async () => {
    fixture = await PagesFixture.open();
  });
  afterEach(async () => {
    for (const page of pages.splice(0)) await page.close();
  });
  afterAll(() => fixture.close());

  async function visit(url: string, options: Parameters<PagesFixture['page']>[0] = {}): Promise<Page> {
    const page = await fixture.page(options);
    pages.push(page);
    await page.goto(url);
    return page;
  }
  const pay = (page: Page) => page.getByTestId('pay').click();
  const focused = (page: Page) =>
    page.evaluate<string>('document.activeElement.name || document.activeElement.dataset.testid');
  const customerWithCard = async (): Promise<string> => {
    const { id } = await fixture.f.stripe.customers.create({ email: 'ada@example.com' });
    const method = await fixture.f.stripe.paymentMethods.attach('pm_card_visa', { customer: id });
    await fixture.f.stripe.paymentMethods.update(method.id, { allow_redisplay: 'always' });
    return id;
  };

  describe.each([1280, 390])('at %i px', (width) => {
    const look = async (page: Page) => ({ barriers: await barriers(page), overflow: await overflow(page) });
    const FINE = { barriers: [], overflow: 0 };

    test('the checkout keeps nobody out: empty, with errors, with saved cards, with the bank waiting', async () => {
      const save = { saved_payment_method_options: { payment_method_save: 'enabled' as const } };
      const page = await visit((await fixture.session()).url!, { width });
      expect(await look(page)).toEqual(FINE);
      await pay(page);
      await page.getByTestId('cardCvc-error').waitFor();
      expect(await look(page)).toEqual(FINE);
      await page.goto((await fixture.session({ customer: await customerWithCard(), ...save })).url!);
      expect(await look(page)).toEqual(FINE);
      await page.getByLabel('Another card').check();
      await fillCard(page, '4000002760003184');
      await pay(page);
      await page.getByTestId('challenge-complete').waitFor();
      expect(await look(page)).toEqual(FINE);
      await page.goBack();
      await page.getByTestId('unanswered').waitFor();
      expect(await look(page)).toEqual(FINE);
    });

    test('nor do the other pages', async () => {
      const { id, url } = await fixture.session();
      const page = await visit(fixture.f.sandbox.url, { width });
      expect(await look(page)).toEqual(FINE);
      await fixture.f.stripe.checkout.sessions.expire(id);
      for (const path of [url!, `${fixture.f.sandbox.url}/c/pay/cs_none`, `${fixture.f.sandbox.url}/3ds/pi_none`]) {
        await page.goto(path);
        expect(await look(page)).toEqual(FINE);
      }
    });

    test('the summary stands beside the form where there is room, and above it where there is none', async () => {
      const page = await visit((await fixture.session()).url!, { width });
      const summary = (await page.locator('.summary').boundingBox())!;
      const form = (await page.locator('form').boundingBox())!;
      expect(summary.x + summary.width <= form.x).toBe(width === 1280);
      expect(summary.y + summary.height <= form.y).toBe(width === 390);
    });
  });

  describe('the checkout form', () => {
    test('groups what is typed and names the brand, also in the middle of a number', async () => {
      const page = await visit((await fixture.session()).url!);
      const number = page.getByLabel('Card number');
      const brand = page.locator('#cardNumber-brand');
      await number.pressSequentially('4242424242424242');
      expect([await number.inputValue(), await brand.textContent()]).toEqual(['4242 4242 4242 4242', 'Visa']);
      await number.press('Home');
      for (let step = 0; step < 6; step += 1) await number.press('ArrowRight');
      await number.press('Backspace');
      await number.pressSequentially('9');
      expect(await number.inputValue()).toBe('4242 9242 4242 4242');
      await number.fill('');
      await number.pressSequentially('378282246310005');
      expect([await number.inputValue(), await brand.textContent()]).toEqual(['3782 822463 10005', 'American Express']);
      const expiry = page.getByLabel('Expires (MM/YY)');
      await expiry.pressSequentially('434');
      expect(await expiry.inputValue()).toBe('04 / 34');
      for (let key = 0; key < 5; key += 1) await expiry.press('Backspace');
      expect(await expiry.inputValue()).toBe('04');
    });

    test('says what is wrong beside the field, in its description, and goes to the first such field', async () => {
      const page = await visit((await fixture.session()).url!);
      await page.getByLabel('Card number').fill('4242424242424242');
      await pay(page);
      const expiry = page.getByLabel('Expires (MM/YY)');
      await page.getByTestId('cardExpiry-error').waitFor();
      expect(await focused(page)).toBe('cardExpiry');
      expect(await expiry.getAttribute('aria-invalid')).toBe('true');
      expect(await expiry.getAttribute('aria-describedby')).toBe('cardExpiry-error');
      expect(await page.locator('#cardExpiry-error').textContent()).toContain('MM / YY');
      expect(await page.title()).toContain('Error');
      expect(await page.getByLabel('Card number').inputValue()).toContain('4242');
    });

    test('is walked through with the keyboard in the order of the page, with the focus seen, and sent with Enter', async () => {
      const { id } = await fixture.f.stripe.customers.create({ email: 'ada@example.com' });
      const session = await fixture.session({
        customer: id,
        saved_payment_method_options: { payment_method_save: 'enabled' },
      });
      const page = await visit(session.url!);
      const order: string[] = [];
      for (let stop = 0; stop < 7; stop += 1) {
        await page.keyboard.press('Tab');
        order.push(await focused(page));
        expect(await page.evaluate<string>('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid');
      }
      expect(order).toEqual(['back', 'cardNumber', 'cardExpiry', 'cardCvc', 'billingName', 'save', 'pay']);
      await fillCard(page);
      await page.getByLabel('Name on card').press('Enter');
      await page.waitForURL('**/?paid=*');
    });

    test('shows that it is busy, and takes no second press meanwhile', async () => {
      const page = await visit((await fixture.session()).url!);
      const presses = await page.evaluate<unknown[]>(`(() => {
      const pay = document.querySelector('[data-testid=pay]');
      const presses = [];
      pay.form.addEventListener('submit', (event) => {
        presses.push([pay.getAttribute('aria-busy'), pay.textContent, event.defaultPrevented]);
        event.preventDefault();
      });
      pay.click();
      pay.click();
      return presses;
    })()`);
      expect(presses).toEqual([
        ['true', 'Processing…', false],
        ['true', 'Processing…', true],
      ]);
    });

    test('works without JavaScript: a decline, another card, the dashboard with its controls', async () => {
      const page = await visit((await fixture.session()).url!, { javaScriptEnabled: false });
      await fillCard(page, '4000000000000002');
      await pay(page);
      expect(await page.getByTestId('cardNumber-error').textContent()).toBe('Your card was declined.');
      await fillCard(page);
      await pay(page);
      await page.waitForURL('**/?paid=*');
      await page.getByRole('button', { name: 'Hold', exact: true }).click();
      await page.getByTestId('webhook-mode').filter({ hasText: 'Held back, 0 waiting' }).waitFor();
      await page.getByRole('button', { name: 'Deliver', exact: true }).click();
      await page.getByLabel('Kind').selectOption('rate_limit');
      await page.getByRole('button', { name: 'Plan' }).click();
      await page.getByTestId('faults').filter({ hasText: 'rate_limit' }).waitFor();
      await page.getByRole('button', { name: 'Clear' }).click();
      await page.getByText('None planned').waitFor();
      await page.getByLabel('Times').fill('');
      await page.getByRole('button', { name: 'Plan' }).click();
      await page.getByText('That did not work').waitFor();
    });
  });

  describe('customers who do the unexpected', () => {
    test.each([true, false])('a double click reserves once (JavaScript: %s)', async (javaScriptEnabled) => {
      const session = await fixture.session();
      const page = await visit(session.url!, { javaScriptEnabled });
      await fillCard(page);
      await page.getByTestId('pay').dblclick();
      // The second click breaks off the navigation of the first, which is no fault: where it ends is what counts.
      await eventually(
        () => Promise.resolve(page.url()),
        (url) => url.includes('/?paid='),
      );
      expect(await fixture.reservations(session.id)).toEqual({ status: 'requires_capture', charges: 1 });
    });

    test('two tabs: one pays, and the other ends where the first did, with one reservation', async () => {
      const session = await fixture.session();
      const [first, second] = await Promise.all([visit(session.url!), visit(session.url!)]);
      await Promise.all([fillCard(first), fillCard(second, '5555555555554444')]);
      await Promise.all([pay(first), pay(second)]);
      const paid = `**/?paid=${session.id}`;
      await Promise.all([first.waitForURL(paid), second.waitForURL(paid)]);
      expect(await fixture.reservations(session.id)).toEqual({ status: 'requires_capture', charges: 1 });
    });

    test('a session that expires while its page is open says so, charges nothing, and leads back', async () => {
      const session = await fixture.session();
      const page = await visit(session.url!);
      await fillCard(page);
      await fixture.f.stripe.checkout.sessions.expire(session.id);
      await pay(page);
      await page.getByRole('heading', { name: 'This page has expired' }).waitFor();
      expect(await fixture.reservations(session.id)).toEqual({ status: 'none', charges: 0 });
      await page.getByTestId('back').click();
      await page.waitForURL('**/?back');
    });

    test('a card saved with the tick box is offered next time, and pays in one click', async () => {
      const { id: customer } = await fixture.f.stripe.customers.create({ email: 'ada@example.com' });
      const params = { customer, saved_payment_method_options: { payment_method_save: 'enabled' as const } };
      const page = await visit((await fixture.session(params)).url!);
      await fillCard(page, '5555555555554444');
      await page.getByTestId('save').check();
      await pay(page);
      await page.waitForURL('**/?paid=*');
      const next = await fixture.session(params);
      await page.goto(next.url!);
      expect(await page.getByRole('radio', { checked: true }).locator('..').textContent()).toContain(
        'Mastercard ending in 4444',
      );
      expect(await page.getByLabel('Card number').isVisible()).toBe(false);
      await pay(page);
      await page.waitForURL(`**/?paid=${next.id}`);
      expect(await fixture.reservations(next.id)).toEqual({ status: 'requires_capture', charges: 1 });
    });

    test('a saved card that is declined says so above the choice, and another one pays', async () => {
      const { id: customer } = await fixture.f.stripe.customers.create({ email: 'ada@example.com' });
      const method = await fixture.f.stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer });
      await fixture.f.stripe.paymentMethods.update(method.id, { allow_redisplay: 'always' });
      const session = await fixture.session({ customer });
      const page = await visit(session.url!);
      await pay(page);
      expect(await page.getByTestId('cardNumber-error').textContent()).toBe('Your card was declined.');
      await page.getByLabel('Another card').check();
      await fillCard(page);
      await pay(page);
      await page.waitForURL('**/?paid=*');
    });

    test('3-D Secure left alone, and paid with another card: one reservation', async () => {
      const session = await fixture.session();
      const page = await visit(session.url!);
      await fillCard(page, '4000002760003184');
      await pay(page);
      await page.getByTestId('challenge-complete').waitFor();
      await page.goto(session.url!);
      await page.getByTestId('unanswered').waitFor();
      await fillCard(page);
      await pay(page);
      await page.waitForURL('**/?paid=*');
      expect(await fixture.reservations(session.id)).toEqual({ status: 'requires_capture', charges: 1 });
    });

    test('3-D Secure failed, left and answered at last: one reservation', async () => {
      const session = await fixture.session();
      const page = await visit(session.url!);
      await fillCard(page, '4000002760003184');
      await pay(page);
      await page.getByTestId('challenge-fail').click();
      await page.getByText('unable to authenticate').waitFor();
      await fillCard(page, '4000002760003184');
      await pay(page);
      await page.getByTestId('challenge-complete').waitFor();
      await page.goto(session.url!);
      await page.getByRole('link', { name: 'Answer it' }).click();
      await page.getByTestId('challenge-complete').click();
      await page.waitForURL('**/?paid=*');
      expect(await fixture.reservations(session.id)).toEqual({ status: 'requires_capture', charges: 1 });
    });

    test('nothing on any of these pages came from elsewhere', () => {
      const elsewhere = fixture.asked.filter(
        (url) => !url.startsWith(`${fixture.f.sandbox.url}/`) && !url.startsWith('data:'),
      );
      expect(fixture.asked.length).toBeGreaterThan(0);
      expect(elsewhere).toEqual([]);
    });
  });
});
