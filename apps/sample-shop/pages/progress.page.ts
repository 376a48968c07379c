import { money } from '../catalogue.js';
import type { Order, Payment, TimelineEntry } from '../holdfast.js';
import { html, type Html } from './html.js';
import { layout } from './layout.js';
import { HEADLINES, isFinal, ITEM_WORDS, lineOf } from './words.js';

interface Progress {
  readonly order: Order;
  readonly timeline: readonly TimelineEntry[];
}

/** An order on its way to its end. The browser asks for the fragment again and again, and shows it as it comes. */
export function progressPage(progress: Progress): string {
  const { orderNumber } = progress.order;
  return layout(
    `Order ${orderNumber}`,
    html`<p id="announcement" class="hidden" role="status"></p>
      <div id="progress" data-from="/orders/${orderNumber}/progress">${fragment(progress)}</div>`,
    html`<script src="/browser/progress.js" type="module"></script>`,
  );
}

export function progressFragment(progress: Progress): string {
  return fragment(progress).text;
}

function fragment({ order, timeline }: Progress): Html {
  const { title, text, tone } = HEADLINES[order.orderStatus];
  const { orderNumber, orderStatus, payment } = order;
  const unpaid = orderStatus === 'Placed' || orderStatus === 'Payment';
  return html`<div data-final="${isFinal(order) ? 'yes' : 'no'}">
    <h1>${title}</h1>
    <p class="lead">
      Order ${orderNumber} <span class="badge ${tone}" data-testid="order-status">${orderStatus}</span><br />${text}
    </p>
    <div class="columns">
      <div>
        ${payment && payment.procedure !== 'none' && moneyPicture(payment)}
        <section class="panel" aria-labelledby="tickets">
          <h2 id="tickets">Your tickets</h2>
          <ul class="items">
            ${order.items.map(item)}
          </ul>
        </section>
      </div>
      <section class="panel" aria-labelledby="history">
        <h2 id="history">What happened</h2>
        <ol class="timeline" data-testid="timeline">
          ${timeline.map(entry)}
        </ol>
      </section>
    </div>
    ${unpaid && html`<p class="actions"><a class="button" href="/orders/${orderNumber}">Back to payment</a></p>`}
  </div>`;
}

/** Where the money is: all of it was reserved; some is charged, some has gone back, some is still held. */
function moneyPicture({ amountAuthorized, amountCaptured, status }: Payment): Html {
  const settled = ['Captured', 'PartiallyCaptured', 'Released', 'Expired', 'Abandoned', 'Failed'].includes(status);
  const released = settled ? amountAuthorized - amountCaptured : 0;
  const held = amountAuthorized - amountCaptured - released;
  const share = (amount: number) => `${amountAuthorized === 0 ? 0 : (100 * amount) / amountAuthorized}%`;
  const words = `${money(amountAuthorized)} reserved, ${money(amountCaptured)} charged, ${money(released)} released`;
  return html`<section class="panel" aria-labelledby="money">
    <h2 id="money">Your money</h2>
    <div class="bar" role="img" aria-label="${words}">
      <span class="captured" style="width:${share(amountCaptured)}"></span
      ><span class="reserved" style="width:${share(held)}"></span
      ><span class="released" style="width:${share(released)}"></span>
    </div>
    <dl class="money">
      ${amount('reserved', 'Reserved', amountAuthorized)}${amount('captured', 'Charged', amountCaptured)}${amount('released', 'Released', released)}
    </dl>
  </section>`;
}

function amount(key: string, label: string, cents: number): Html {
  return html`<div class="k-${key}">
    <dt>${label}</dt>
    <dd data-testid="${key}">${money(cents)}</dd>
  </div>`;
}

function item({
  name,
  quantity,
  totalAmount,
  orderItemStatus,
  deliverables,
  statusText,
}: Order['items'][number]): Html {
  const { label, tone } = ITEM_WORDS[orderItemStatus];
  return html`<li>
    <span><strong>${quantity} × ${name}</strong> <span class="badge ${tone}">${label}</span></span>
    <span class="sum">${money(totalAmount)}</span>
    ${statusText !== undefined && html`<span class="quiet">${statusText}</span>`}
    ${deliverables.map(({ value }) => html`<span class="code">${value}</span>`)}
  </li>`;
}

const CLOCK = new Intl.DateTimeFormat('en-IE', { dateStyle: 'medium', timeStyle: 'medium', timeZone: 'UTC' });

function entry(happened: TimelineEntry): Html {
  return html`<li>
    ${lineOf(happened)} <time datetime="${happened.at}">${CLOCK.format(new Date(happened.at))} UTC</time>
  </li>`;
}
