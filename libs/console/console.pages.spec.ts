import { describe, expect, it } from '@jest/globals';
import { readConfig } from '#platform';
import { html, theirs } from './console.pages.html.js';
import { settingOf } from './console.pages.layout.js';
import { moneyBar } from './console.pages.money.js';
import { idOf } from './console.pages.stripe.js';
import { age, factsOf, visible } from '#operators';

const HOLDFAST_SECRETS = `pages:${Buffer.alloc(32, 3).toString('base64')}`;
const NOW = new Date('2026-11-23T10:00:00.000Z');

function settingIn(mode: 'test' | 'live' | 'sandbox') {
  const keys = {
    ...{ STRIPE_SECRET_KEY: `sk_${mode}_pages1`, STRIPE_PUBLISHABLE_KEY: `pk_${mode}_pages1` },
    ...{ STRIPE_WEBHOOK_SECRET: 'whsec_pages1', OPERATOR_KEY: 'pages' },
  };
  return settingOf(readConfig({ HOLDFAST_SECRETS, ...(mode !== 'sandbox' && keys) }), NOW);
}

describe('the console’s pages', () => {
  it('escape what is put into them, and nothing twice', () => {
    const text = `<b title="x" lang='y'>&amp;`;
    const escaped = '&#60;b title=&#34;x&#34; lang=&#39;y&#39;&#62;&#38;amp;';
    expect(html`<i>${text}</i>`.text).toBe(`<i>${escaped}</i>`);
    expect(html`${[html`<i>${theirs(text)}</i>`, false, undefined, 7]}`.text).toBe(`<i><bdi>${escaped}</bdi></i>7`);
  });

  it('write out what cannot be seen, or turns a text around, and leave what people write with', () => {
    expect(visible('a\u202Egpj.exe\u202C\u0000\u001b[2J\u200b\u{e0041}')).toBe(
      'a[U+202E]gpj.exe[U+202C][U+0000][U+001B][2J[U+200B][U+E0041]',
    );
    for (const text of ['עברית', 'فارسی\u200cها', '👩\u200d👩\u200d👧', 'Łódź', '東京'])
      expect(visible(text)).toBe(text);
  });

  it('lead to the object in Stripe’s dashboard, test data apart, and to the sandbox’s one page', () => {
    expect(idOf(settingIn('live'), 'pi_1').text).toContain('href="https://dashboard.stripe.com/payments/pi_1"');
    expect(idOf(settingIn('test'), 'pi_1').text).toContain('href="https://dashboard.stripe.com/test/payments/pi_1"');
    expect(idOf(settingIn('test'), 'du_1').text).toContain('href="https://dashboard.stripe.com/test/disputes/du_1"');
    expect(idOf(settingIn('sandbox'), 'pi_1').text).toContain('href="http://127.0.0.1:12111/"');
    for (const text of ['ref_1', 'pi_1"onclick="', 'javascript:alert(1)'])
      expect(idOf(settingIn('live'), text).text).not.toContain('href');
  });

  it('show every part of the money, however small', () => {
    const parts = [
      { place: 'kept', amount: 99_999_998 },
      { place: 'refunded', amount: 1 },
      { place: 'released', amount: 1 },
    ] as const;
    const { text } = moneyBar({ currency: 'EUR', whole: 100_000_000, parts, lost: 0 });
    const widths = [...text.matchAll(/width="(\d+)"/g)].map(([, width]) => Number(width));
    expect(widths).toEqual([984, 8, 8]);
    expect(text).toContain('aria-label="Of 1000000.00 EUR: 999999.98 EUR charged and kept');
  });

  it('tell facts as a person reads them, and nothing that says nothing', () => {
    const detail = { amountCaptured: 1250, amount: 0, faults: [], deliveredValue: 5, tries: 3, reason: 'x' };
    expect(factsOf(detail, 'EUR')).toEqual([
      ['amount captured', '12.50 EUR'],
      ['delivered value', '0.05 EUR'],
      ['tries', '3'],
      ['reason', 'x'],
    ]);
    expect(factsOf({ amount: 1250, currency: 'KWD' }, 'EUR')).toEqual([['amount', '1.250 KWD']]);
  });

  it.each([
    [59_000, 'less than a minute'],
    [60_000, '1 minute'],
    [2 * 3_600_000 + 5, '2 hours'],
    [49 * 3_600_000, '2 days'],
    [-5, 'less than a minute'],
  ])('%i ms ago is %s', (ms, words) => {
    expect(age(new Date(NOW.getTime() - ms), NOW)).toBe(words);
  });
});
