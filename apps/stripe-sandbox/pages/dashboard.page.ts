import { pageUrl } from '../checkout/sessions.present.js';
import { FAULT_KINDS } from '../controls/faults.js';
import type { StripeApi } from '../http/stripe-api.js';
import type { PaymentIntentRecord } from '../payments/payment-intent.record.js';
import type { World } from '../world.js';
import { disputesPart, refundsPart } from './dashboard.disputes.js';
import { eventsPart, requestsPart } from './dashboard.history.js';
import { badge, button, code, latest, row, table } from './dashboard.parts.js';
import { html, type Html } from './html.js';
import { layout } from './layout.js';
import { money } from './money.js';

/** GET /: what is in the sandbox, for people, with buttons for its controls. */
export function dashboardPage(api: StripeApi): string {
  const { world } = api;
  return layout(
    'Dashboard',
    html`<h1>Stripe sandbox</h1>
      <p class="quiet">
        API at ${code(`${world.baseUrl}/v1`)}, keys ${code(world.keys.secret)} and ${code(world.keys.publishable)}.
        <a href="/">Refresh</a>
      </p>
      <div class="board">
        ${clock(world)} ${webhooks(world)} ${faults(api)} ${intents(world)} ${refundsPart(world)} ${disputesPart(world)}
        ${sessions(world)} ${customers(world)} ${eventsPart(world)} ${requestsPart(api.log)}
      </div>`,
    'wide',
  );
}

function clock(world: World): Html {
  const days = world.clock.advancedMs / 86_400_000;
  const now = new Date(world.clock.now()).toISOString();
  return html`<section class="card" aria-labelledby="clock">
    <h2 id="clock">Clock</h2>
    <p class="when">
      <time datetime="${now}" data-testid="clock">${now.slice(0, 19).replace('T', ' ')}</time>
      <span class="quiet small">UTC${days > 0 && `, ${days.toFixed(2)} days ahead`}</span>
    </p>
    <div class="row">
      ${button('+ 1 hour', 'clock', { advanceSeconds: 3600 })} ${button('+ 1 day', 'clock', { advanceSeconds: 86_400 })}
      ${button('+ 8 days: holds expire', 'clock', { advanceSeconds: 8 * 86_400 })}
      ${button('Forget everything', 'reset', {}, { look: 'danger' })}
    </div>
  </section>`;
}

function webhooks(world: World): Html {
  const { mode } = world.deliveries;
  const held = world.deliveries.held().length;
  const endpoints = [...world.store.endpoints.oldestFirst()].map(({ url }) => html`<li>${code(url)}</li>`);
  const how = [
    mode.mode === 'hold' ? `Held back, ${held} waiting` : 'Delivered as they come',
    mode.duplicate > 0 && `each ${mode.duplicate + 1} times`,
    mode.shuffle && 'shuffled',
    mode.drop.length > 0 && `dropped: ${mode.drop.join(', ')}`,
  ].filter((part) => part !== false);
  return html`<section class="card" aria-labelledby="webhooks">
    <h2 id="webhooks">Webhooks</h2>
    <p data-testid="webhook-mode">${how.join(', ')}.</p>
    ${
      endpoints.length === 0
        ? html`<p class="quiet">Nobody listens.</p>`
        : html`<ul>
            ${endpoints}
          </ul>`
    }
    <div class="row">
      ${button('Deliver', 'webhooks', { mode: 'deliver' })} ${button('Hold', 'webhooks', { mode: 'hold' })}
      ${button('Deliver twice', 'webhooks', { mode: 'deliver', duplicate: 1 })}
      ${button('Shuffle', 'webhooks', { mode: 'deliver', shuffle: true })}
      ${button(`Flush ${held} held`, 'webhooks/flush', {})}
    </div>
  </section>`;
}

function faults(api: StripeApi): Html {
  const planned = api.faults.list().map((fault) => {
    const where = [fault.method ?? 'any method', fault.path ?? 'any path'].join(' ');
    return html`<li>${code(fault.kind)} ${fault.times === 1 ? 'once' : `${fault.times} times`}, ${where}</li>`;
  });
  return html`<section class="card across" aria-labelledby="faults">
    <h2 id="faults">Faults</h2>
    ${
      planned.length === 0
        ? html`<p class="quiet">None planned.</p>`
        : html`<ul data-testid="faults">
            ${planned}
          </ul>`
    }
    <div class="row">
      <form method="post" action="/dashboard/fault">
        <label
          >Kind
          <select name="kind">
            ${FAULT_KINDS.map((kind) => html`<option>${kind}</option>`)}
          </select></label
        >
        <label>Path <input type="text" name="path" value="/v1/" /></label>
        <label>Times <input class="short" type="number" name="times" value="1" min="1" /></label>
        <button type="submit">Plan</button>
      </form>
      ${button('Clear', 'faults', {}, { method: 'DELETE' })}
    </div>
  </section>`;
}

function intents(world: World): Html {
  const { paymentIntents } = world.store;
  const rows = latest(paymentIntents.walk(paymentIntents.lastPosition, -1)).map((intent) => {
    const shown = (amount: number) => html`<span class="amount">${money(amount, intent.currency)}</span>`;
    const metadata = Object.entries(intent.metadata).map(([key, value]) => html`<div>${key}: ${value}</div>`);
    return row(
      code(intent.id),
      badge(intent.status),
      shown(intent.amount),
      shown(intent.amount_capturable),
      shown(intent.amount_received),
      metadata,
      whatBanksDo(intent),
    );
  });
  const heads = ['Id', 'Status', 'Amount', 'Capturable', 'Received', 'Metadata', 'Do'];
  return table('intents', 'Payment intents', heads, rows);
}

/** What a bank may do with a payment as it stands. */
function whatBanksDo({ id, status }: PaymentIntentRecord): Html[] {
  const options = { look: 'slim', about: id } as const;
  const answer = `payment_intents/${id}/settle`;
  if (status === 'succeeded') return [button('Dispute', 'disputes', { payment_intent: id }, options)];
  if (status !== 'processing') return [];
  return [
    button('Accept', answer, { status: 'succeeded' }, options),
    button('Refuse', answer, { status: 'failed' }, options),
  ];
}

function sessions(world: World): Html {
  const all = world.store.sessions;
  const rows = latest(all.walk(all.lastPosition, -1)).map((session) => {
    const id = code(`${session.id.slice(0, 24)}…`);
    return row(
      session.status === 'open' ? html`<a href="${pageUrl(world, session)}">${id}</a>` : id,
      badge(session.status),
      html`<span class="amount">${money(session.amount_total, session.currency)}</span>`,
      session.payment_intent === null ? '' : code(session.payment_intent),
    );
  });
  return table('sessions', 'Checkout sessions', ['Id', 'Status', 'Total', 'Payment intent'], rows);
}

function customers(world: World): Html {
  const all = world.store.customers;
  const rows = latest(all.walk(all.lastPosition, -1)).map((customer) => {
    const cards = world.store.paymentMethods.where('customer', customer.id);
    const shown = cards.map(
      (method) => html`<div>•••• ${method.card_number.slice(-4)}, ${method.allow_redisplay}</div>`,
    );
    return row(code(customer.id), customer.deleted ? badge('deleted') : (customer.email ?? customer.name ?? ''), shown);
  });
  return table('customers', 'Customers and their cards', ['Id', 'Who', 'Saved cards'], rows);
}
