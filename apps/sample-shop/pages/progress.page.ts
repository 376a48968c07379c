import type { Order, TimelineEntry } from '../holdfast.js';
import type { Notification } from '../notification-inbox.js';
import { money } from '../money.js';
import { html, type Html } from './html.js';
import { layout } from './layout.js';
import { moneyPicture } from './money-picture.js';
import { headlineOf, isFinal, ITEM_WORDS, lineOf, whenOf } from './words.js';

interface Progress {
  readonly order: Order;
  readonly timeline: readonly TimelineEntry[];
  /** What Holdfast has notified the shop of. */
  readonly told: readonly Notification[];
}

/** An order on its way to its end. The browser asks for the fragment again and again, and shows it as it comes. */
export function progressPage(progress: Progress): string {
  const { orderNumber } = progress.order;
  return layout(
    `Order ${orderNumber}`,
    html`<p id="announcement" class="hidden" role="status"></p>
      <div id="progress" data-from="/orders/${orderNumber}/progress">${fragment(progress)}</div>
      <p id="trouble" role="status"></p>`,
    { scripts: html`<script src="/browser/progress.js" type="module"></script>` },
  );
}

export function progressFragment(progress: Progress): string {
  return fragment(progress).text;
}

function fragment({ order, timeline, told }: Progress): Html {
  const { title, text, tone } = headlineOf(order, timeline);
  const { orderNumber, orderStatus } = order;
  return html`<div data-final="${isFinal(order) ? 'yes' : 'no'}">
    <h1>${title}</h1>
    <p class="lead">
      Order ${orderNumber} <span class="badge ${tone}" data-testid="order-status">${orderStatus}</span><br />${text}
    </p>
    ${mayPay(order) && html`<p class="onward"><a id="pay" class="button main" href="/orders/${orderNumber}" data-testid="to-payment">${orderStatus === 'Placed' ? 'Pay now' : 'Back to payment'}</a></p>`}
    <div class="columns">
      <div>
        ${moneyPicture(order)}
        <section class="panel" aria-labelledby="tickets">
          <h2 id="tickets">Your tickets</h2>
          <ul class="items">
            ${order.items.map((each) => item(each, order.currency))}
          </ul>
        </section>
      </div>
      <section class="panel" aria-labelledby="history">
        <h2 id="history">What happened</h2>
        ${notifications(told)}
        <ol class="timeline" data-testid="timeline">
          ${timeline.map((each) => entry(each, order))}
        </ol>
      </section>
    </div>
  </div>`;
}

/** The customer has something to do, and need not wait for a bank or for us. */
function mayPay({ orderStatus, payment }: Order): boolean {
  if (orderStatus === 'Payment') return payment?.status !== 'Processing' && payment?.status !== 'Releasing';
  return orderStatus === 'Placed';
}

function item(
  { name, quantity, totalAmount, orderItemStatus, deliverables, statusText }: Order['items'][number],
  currency: string,
): Html {
  const { label, tone } = ITEM_WORDS[orderItemStatus];
  return html`<li>
    <span><strong>${quantity} × ${name}</strong> <span class="badge ${tone}">${label}</span></span>
    <span class="sum">${money(totalAmount, currency)}</span>
    ${statusText !== undefined && html`<span class="quiet">${statusText}</span>`}
    ${deliverables.map((each) => deliverable(each, name))}
  </li>`;
}

/** A picture comes as its own address, and is shown as one; anything else is a text, such as the code beside it. */
function deliverable({ type, value }: Order['items'][number]['deliverables'][number], name: string): Html {
  if (type !== 'qr-code' || !value.startsWith('data:image/')) return html`<span class="code">${value}</span>`;
  return html`<img class="qr" src="${value}" width="104" height="104" alt="QR code: ${name}" />`;
}

function entry(happened: TimelineEntry, order: Order): Html {
  return html`<li>${lineOf(happened, order)} ${whenOf(happened.at)}</li>`;
}

/** Closed, it is as high with a hundred as with one. */
function notifications(told: readonly Notification[]): Html {
  return html`<details id="told">
    <summary>Holdfast told the shop ${told.length} ${told.length === 1 ? 'thing' : 'things'}</summary>
    <ul data-testid="told">
      ${told.map(({ type, receivedAt }) => html`<li><code>${type}</code> ${whenOf(receivedAt)}</li>`)}
    </ul>
  </details>`;
}
