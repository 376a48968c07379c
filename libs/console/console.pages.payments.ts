import type { ToldOfOrder } from '#notifications';
import type { DisputeEntity, RefundEntity } from '#refunds';
import type { PaymentEntity } from '#payments';
import { formatMoney } from '#platform';
import { code, html, theirs, type Html } from './console.pages.html.js';
import { badge, cutNote, type Setting } from './console.pages.layout.js';
import { moneyBar } from './console.pages.money.js';
import { idOf } from './console.pages.stripe.js';
import { pair } from './console.pages.stuck.js';
import { OPERATOR_LIMITS, moneyOf, moneySentence, lastWord, utc } from '#operators';
import type { OrderFile } from '#operators';

/** What was tried at Stripe, the newest first. */
export function paymentsPart(setting: Setting, file: OrderFile): Html {
  const { payments, refunds, disputes, cut } = file;
  const limit = OPERATOR_LIMITS.file.payments;
  return html`<section class="card" aria-labelledby="payments">
    <h2 id="payments">Attempts to pay (${payments.length}${cut.includes('payments') && ' newest'})</h2>
    ${payments.length === 0 && html`<p>None was begun.</p>`}
    <ul class="rows">
      ${payments.toReversed().map((payment) => html`<li>${paymentPart(setting, payment, file)}</li>`)}
    </ul>
    ${cutNote(cut.includes('payments'), `Only the ${limit} newest are shown.`)}
    ${refunds.length > 0 && refundsPart(refunds)} ${disputes.length > 0 && disputesPart(setting, disputes)}
  </section>`;
}

function paymentPart(setting: Setting, payment: PaymentEntity, { refunds, payments }: OrderFile): Html {
  const { paymentId, status, procedure, paymentIntentId, checkoutSessionId, operationAttempt } = payment;
  const { authorizationExpiresAt, declineCode, failure, releaseReason, createdAt, updatedAt } = payment;
  const money = moneyOf(payment, refunds);
  return html`<div class="head">
      <h3>${code(paymentId)}</h3>
      ${badge(status)}<span class="of">${PROCEDURES[procedure]}</span>
    </div>
    <p>${moneySentence(money)}</p>
    ${money.whole > 0 && payments.length > 1 && moneyBar(money, 'thin')}
    <dl class="facts">
      ${paymentIntentId !== null && pair('intent at Stripe', idOf(setting, paymentIntentId))}
      ${checkoutSessionId !== null && pair('checkout session', code(checkoutSessionId))}
      ${paymentIntentId === null && checkoutSessionId === null && pair('at Stripe', html`nothing`)}
      ${pair('begun', html`${utc(createdAt)}`)} ${pair('changed', html`${utc(updatedAt)}`)}
      ${operationAttempt > 1 && pair('attempt in its key at Stripe', html`${operationAttempt}`)}
      ${authorizationExpiresAt !== null && pair('reserved until', html`${utc(authorizationExpiresAt)}`)}
      ${declineCode !== null && pair('declined', theirs(declineCode))}
      ${failure !== null && pair('refused by Stripe', theirs(`${failure.code}: ${failure.message}`))}
      ${releaseReason !== null && pair('released because', html`${releaseReason}`)}
    </dl>`;
}

const PROCEDURES: Readonly<Record<PaymentEntity['procedure'], string>> = {
  checkout: 'on Stripe’s hosted page',
  intent: 'by a payment intent',
  none: 'free: no payment needed',
};

function refundsPart(refunds: readonly RefundEntity[]): Html {
  return html`<h3>Refunds</h3>
    <ul class="rows">
      ${refunds.map(
        ({ refundId, stripeRefundId, status, amount, currency, reason, failure, orderItemNumbers, createdAt }) =>
          html`<li>
            <div class="line">
              ${badge(status)} ${code(refundId)}
              <span class="amount end">${formatMoney(amount, currency)}</span>
            </div>
            <div class="line of">
              <span>${utc(createdAt)}</span>
              <span>at Stripe: ${stripeRefundId === null ? 'not yet known' : code(stripeRefundId)}</span>
              ${orderItemNumbers !== null && html`<span>items ${orderItemNumbers.join(', ')}</span>`}
              ${reason !== null && html`<span>${theirs(reason)}</span>`}
            </div>
            ${failure !== null && html`<p>${theirs(`${failure.code}: ${failure.message}`)}</p>`}
          </li>`,
      )}
    </ul>`;
}

function disputesPart(setting: Setting, disputes: readonly DisputeEntity[]): Html {
  return html`<h3>Disputes</h3>
    <ul class="rows">
      ${disputes.map(
        ({ disputeId, status, amount, currency, reason, createdAt }) =>
          html`<li>
            <div class="line">
              ${badge(status)} ${idOf(setting, disputeId)}
              <span class="amount end">${formatMoney(amount, currency)}</span>
            </div>
            <div class="line of"><span>${utc(createdAt)}</span><span>${theirs(reason)}</span></div>
          </li>`,
      )}
    </ul>`;
}

/** What the partner was told of the order. */
export function notificationsPart({ notifications, cut }: OrderFile): Html {
  const limit = OPERATOR_LIMITS.file.notifications;
  return html`<section class="card" aria-labelledby="notifications">
    <h2 id="notifications">
      Notifications to the partner (${notifications.length}${cut.includes('notifications') && ' newest'})
    </h2>
    ${notifications.length === 0 && html`<p>None: the partner has no endpoint that wants them, or they are older than 30 days.</p>`}
    ${cutNote(cut.includes('notifications'), `Only the newest ${limit} are shown.`)}
    <ul class="rows">
      ${notifications.map(
        (told) =>
          html`<li>
            <div class="line">
              ${badge(told.isHeld ? 'held' : told.status)} <strong>${told.type}</strong>
              <span class="of end">${utc(told.createdAt)}</span>
            </div>
            <div class="line of"><span>${tries(told)}</span> <span>to ${told.endpointId}</span></div>
          </li>`,
      )}
    </ul>
  </section>`;
}

/** What became of a notification, in words. */
export function tries(told: ToldOfOrder): string {
  const { status, isHeld, attempts, lastAttempt, dueAt } = told;
  const last = lastAttempt
    ? `${attempts} ${attempts === 1 ? 'try' : 'tries'}, the last ${utc(new Date(lastAttempt.at))}: ${lastWord(told)}`
    : 'not tried yet';
  if (isHeld) return `${last}; waits until its endpoint is enabled`;
  return status === 'Pending' ? `${last}; next try ${utc(dueAt)}` : last;
}
