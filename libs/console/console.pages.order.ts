import type { OrderEntity, OrderItemEntity, TimelineEntry } from '#orders';
import { formatMoney } from '#platform';
import { code, html, theirs, type Html } from './console.pages.html.js';
import { badge, cutNote, layout, type Setting } from './console.pages.layout.js';
import { moneyPicture } from './console.pages.money.js';
import { notificationsPart, paymentsPart } from './console.pages.payments.js';
import { actionButton, pair, stuckCard } from './console.pages.stuck.js';
import { OPERATOR_LIMITS, moneyOfOrder, factsOf, utc } from '#operators';
import type { OrderFile } from '#operators';

/** GET /console/orders/{orderNumber}: everything that is known of an order. */
export function orderPage(setting: Setting, file: OrderFile, notice?: string): string {
  const { order, payments, refunds, stuck, cut } = file;
  const { orderNumber, status } = order;
  const body = html`<div class="head top">
      <h1>Order ${orderNumber}</h1>
      ${badge(status)}
      <span class="amount">${formatMoney(order.totalAmount, order.currency)}</span>
    </div>
    ${stuck.map((thing) => stuckCard(setting, thing, orderNumber))}
    <section class="card" aria-labelledby="money">
      <h2 id="money">Where its money is</h2>
      ${moneyPicture(moneyOfOrder(order, payments, refunds))}
      <div class="actions">
        ${actionButton('Look again at Stripe', `orders/${encodeURIComponent(orderNumber)}/look`)}
      </div>
      <p class="quiet small">
        Compares its payments with Stripe and writes missing jobs, as Holdfast does by itself. Safe at any time.
      </p>
    </section>
    ${about(order)} ${items(order)} ${paymentsPart(setting, file)} ${timeline(file)} ${notificationsPart(file)}
    ${cut.length > 0 && html`<p class="quiet">Of ${cut.join(', ')} only the newest are shown.</p>`}`;
  return layout(setting, { title: `Order ${orderNumber}`, body, ...(notice !== undefined && { notice }) });
}

function about(order: OrderEntity): Html {
  const { partnerId, accountId, externalReference, metadata, createdAt, updatedAt } = order;
  const own = Object.entries(metadata);
  return html`<section class="card" aria-labelledby="about">
    <h2 id="about">What it is</h2>
    <dl class="facts">
      ${pair('partner', code(partnerId))} ${pair('account', code(accountId))}
      ${externalReference !== null && pair('reference', theirs(externalReference))}
      ${pair('created', html`${utc(createdAt)}`)} ${pair('changed', html`${utc(updatedAt)}`)}
    </dl>
    ${
      own.length > 0 &&
      html`<details>
        <summary>Metadata of the partner (${own.length})</summary>
        <dl class="facts">
          ${own.map(
            ([name, value]) =>
              html`<dt>${theirs(name)}</dt>
                <dd>${theirs(value)}</dd>`,
          )}
        </dl>
      </details>`
    }
  </section>`;
}

/** More than these are folded: what follows is looked for more often. */
const ITEMS_SHOWN = 10;

function items({ items: all, currency }: OrderEntity): Html {
  const row = (each: OrderItemEntity) => item(each, currency);
  const folded = all.slice(ITEMS_SHOWN);
  return html`<section class="card" aria-labelledby="items">
    <h2 id="items">Items (${all.length})</h2>
    ${all.length === 0 && html`<p>None.</p>`}
    <ul class="rows">
      ${all.slice(0, ITEMS_SHOWN).map(row)}
    </ul>
    ${
      folded.length > 0 &&
      html`<details>
        <summary>${folded.length} more</summary>
        <ul class="rows">
          ${folded.map(row)}
        </ul>
      </details>`
    }
  </section>`;
}

function item(each: OrderItemEntity, currency: string): Html {
  const { status, statusText, quantity, name, totalAmount, sku, fulfiller, fulfillmentAttempts, deliverables } = each;
  const asked = fulfillmentAttempts > 0 && `, asked ${times(fulfillmentAttempts)}`;
  const awaited = each.awaitingReport && status === 'InTransit' && ', its report is awaited';
  return html`<li>
    <div class="line">
      ${badge(status)} <strong>${quantity} × ${theirs(name)}</strong>
      <span class="amount end">${formatMoney(totalAmount, currency)}</span>
    </div>
    <div class="line of">
      <span>${each.orderItemNumber}</span><span>sku ${theirs(sku)}</span>
      <span>by ${fulfiller}${asked}${awaited}</span>
    </div>
    ${statusText !== null && html`<p>${theirs(statusText)}</p>`}
    ${deliverables.length > 0 && html`<p class="of">${deliverables.length} delivered: ${theirs(kindsOf(deliverables))}</p>`}
  </li>`;
}

/** A ticket's code is money to whoever reads it: an operator needs to know that it is there, not what it is. */
function kindsOf(deliverables: readonly { readonly type: string }[]): string {
  return [...new Set(deliverables.map(({ type }) => type))].join(', ');
}

export const times = (count: number): string => (count === 1 ? 'once' : `${count} times`);

function timeline(file: OrderFile): Html {
  const { timeline: lines, cut } = file;
  return html`<section class="card" aria-labelledby="timeline">
    <h2 id="timeline">Timeline</h2>
    ${cutNote(cut.includes('timeline'), `The newest ${OPERATOR_LIMITS.file.timeline} lines; the first ones are not shown.`)}
    <ol class="rows timeline">
      ${lines.map(
        (line) =>
          html`<li>
            <span class="quiet amount">${utc(line.at)}</span>
            <div>
              <div class="line">
                <strong>${line.type}</strong> ${moveOf(line)} <span class="of">by ${line.actor}</span>
              </div>
              ${detailOf(line, file)}
            </div>
          </li>`,
      )}
    </ol>
  </section>`;
}

function moveOf({ from, to }: TimelineEntry): Html | false {
  return to != null && html`<span>${from != null && `${from} → `}${to}</span>`;
}

/** Of an order with one payment, its id is no news. */
function detailOf({ detail }: TimelineEntry, { order, payments }: OrderFile): Html | false {
  const facts = factsOf(detail, order.currency).filter(([name]) => name !== 'payment id' || payments.length > 1);
  if (facts.length === 0) return false;
  return html`<div class="line of">${facts.map(([name, value]) => html`<span>${name} ${theirs(value)}</span>`)}</div>`;
}
