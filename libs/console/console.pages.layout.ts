import type { Config, Mode } from '#platform';
import { html, type Html } from './console.pages.html.js';
import { utc } from '#operators';

/** What every page is told beside its own matter. */
export interface Setting {
  readonly mode: Mode;
  /** Business time. */
  readonly now: Date;
  /** Where objects at Stripe are looked at: `https://dashboard.stripe.com`, or the sandbox's own page. */
  readonly stripeDashboard: string;
}

export const HTML_TYPE = 'text/html; charset=utf-8';

export function settingOf({ mode, stripe }: Pick<Config, 'mode' | 'stripe'>, now: Date): Setting {
  const sandbox = mode === 'sandbox' ? stripe.apiBase?.origin : undefined;
  return { mode, now, stripeDashboard: sandbox ?? 'https://dashboard.stripe.com' };
}

interface Page {
  readonly title: string;
  readonly body: Html;
  /** Which entry of the navigation this is. */
  readonly here?: string;
  readonly searched?: string;
  /** One of {@link NOTICES}. */
  readonly notice?: string | undefined;
}

const ENTRIES = [
  { href: '/console', label: 'Needs a person' },
  { href: '/console/orders', label: 'Orders' },
  { href: '/console/endpoints', label: 'Endpoints' },
];

/** What a button has done, told by the page that it leads back to; the address names it, so that nobody can put words there. */
export const NOTICES: ReadonlyMap<string, string> = new Map([
  ['closed', 'The case is closed. The order’s timeline says so.'],
  ['replayed', 'The job is in its queue again; load this page anew to see what became of it.'],
  ['looked', 'The order’s payments were compared with Stripe, and its missing jobs written.'],
]);

const MODES: Readonly<Record<Mode, { look: string; words: string }>> = {
  sandbox: { look: 'wait', words: 'sandbox: no real money' },
  test: { look: 'wait', words: 'Stripe’s test mode' },
  live: { look: 'bad', words: 'live: real money' },
};

/** A whole page. */
export function layout({ mode, now }: Setting, page: Page): string {
  const { title, body, here, searched, notice } = page;
  const told = NOTICES.get(notice ?? '');
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${title} · Holdfast console</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="/console/console.css" />
      </head>
      <body>
        <a class="skip" href="#main">To the content</a>
        <header>
          <div class="bar">
            <a class="name" href="/console">Holdfast</a>
            <span class="badge ${MODES[mode].look}">${MODES[mode].words}</span>
            <nav aria-label="Console">
              <ul>
                ${ENTRIES.map(
                  ({ href, label }) =>
                    html`<li><a href="${href}" ${href === here && html`aria-current="page"`}>${label}</a></li>`,
                )}
              </ul>
            </nav>
            <form class="search" role="search" action="/console/orders">
              <label for="query">Find an order by number, item, reference, account, payment, or id at Stripe</label>
              <input
                id="query"
                type="search"
                name="query"
                maxlength="200"
                placeholder="26-100000, pi_…, acc_…, a reference"
                value="${searched}"
              />
              <button>Find</button>
            </form>
          </div>
        </header>
        <main id="main" tabindex="-1">
          ${told !== undefined && html`<p class="card notice" role="status">${told}</p>`} ${body}
        </main>
        <footer>All times in UTC. This page was made at ${utc(now)}.</footer>
      </body>
    </html>`.text;
}

/** Without the stylesheet, which only an operator may load. */
export function bareLayout(title: string, body: Html): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title} · Holdfast console</title>
        <link rel="icon" href="data:," />
      </head>
      <body>
        <main>${body}</main>
      </body>
    </html>`.text;
}

/** A list that goes on beyond what is shown says so. */
export function cutNote(isCut: boolean, words: string): Html | false {
  return isCut && html`<p class="quiet small">${words}</p>`;
}

const GOOD = ['Fulfilled', 'Delivered', 'Captured', 'Succeeded', 'Won', 'NotRequired'];
const BAD = ['FulfillmentError', 'Failed', 'Lost', 'disabled', 'Open', 'open'];
const WAITING = [
  ...[
    'Payment',
    'Paid',
    'InTransit',
    'Canceling',
    'PartiallyFulfilled',
    'PartiallyCaptured',
    'Initializing',
    'Pending',
  ],
  ...['Processing', 'Authorized', 'Capturing', 'Releasing', 'Inquiry', 'failing', 'held'],
];

/** A status in its colour, and in words. */
export function badge(status: string): Html {
  const look = GOOD.includes(status) ? 'good' : BAD.includes(status) ? 'bad' : WAITING.includes(status) ? 'wait' : '';
  return html`<span class="badge ${look}">${status}</span>`;
}
