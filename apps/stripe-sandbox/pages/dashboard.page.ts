import { pageUrl } from '../checkout/sessions.present.js';
import { FAULT_KINDS } from '../controls/faults.js';
import type { StripeApi } from '../http/stripe-api.js';
import { formatAmount } from '../payments/currencies.js';
import type { World } from '../world.js';
import { html, type Html } from './html.js';
import { layout } from './layout.js';

const SHOWN = 25;

/** GET /: what is in the sandbox, for people, with buttons for its controls. */
export function dashboardPage(api: StripeApi): string {
  const { world } = api;
  return layout(
    'Stripe sandbox',
    html`<h1>Stripe sandbox</h1>
      <p class="quiet">
        API at <code>${world.baseUrl}/v1</code>, keys <code>${world.keys.secret}</code> and
        <code>${world.keys.publishable}</code>
      </p>
      ${clock(world)} ${webhooks(world)} ${faults(api)} ${intents(world)} ${sessions(world)} ${events(world)}
      ${script()}`,
    'wide',
  );
}

function button(label: string, path: string, body: object, method = 'POST'): Html {
  return html`<button type="button" data-method="${method}" data-path="${path}" data-body="${JSON.stringify(body)}">
    ${label}
  </button>`;
}

function clock(world: World): Html {
  const days = world.clock.advancedMs / 86_400_000;
  return html`<h2>Clock</h2>
    <p>
      <time>${new Date(world.clock.now()).toISOString()}</time>
      ${days > 0 && html`<span class="quiet">(${days.toFixed(2)} days ahead)</span>`}
    </p>
    <div class="row">
      ${button('+ 1 hour', 'clock', { advanceSeconds: 3600 })} ${button('+ 1 day', 'clock', { advanceSeconds: 86_400 })}
      ${button('+ 8 days (holds expire)', 'clock', { advanceSeconds: 8 * 86_400 })}
      ${button('Forget everything', 'reset', {})}
    </div>`;
}

function webhooks(world: World): Html {
  const { mode } = world.deliveries;
  const held = world.deliveries.held().length;
  return html`<h2>Webhooks</h2>
    <p>
      ${mode.mode === 'hold' ? `Held back (${held} waiting)` : 'Delivered as they come'}
      ${mode.duplicate > 0 && `, each ${mode.duplicate + 1} times`}${mode.shuffle && ', shuffled'}${mode.drop.length > 0 && `, dropped: ${mode.drop.join(', ')}`}
    </p>
    <div class="row">
      ${button('Deliver', 'webhooks', { mode: 'deliver' })} ${button('Hold', 'webhooks', { mode: 'hold' })}
      ${button('Deliver twice', 'webhooks', { mode: 'deliver', duplicate: 1 })}
      ${button('Shuffle', 'webhooks', { mode: 'deliver', shuffle: true })}
      ${button(`Flush ${held} held`, 'webhooks/flush', {})}
    </div>`;
}

function faults(api: StripeApi): Html {
  const planned = api.faults.list().map((fault) => {
    const where = [fault.method ?? 'any method', fault.path ?? 'any path'].join(' ');
    return html`<li>${fault.kind}, ${fault.times} times, ${where}</li>`;
  });
  return html`<h2>Faults</h2>
    ${
      planned.length === 0
        ? html`<p class="quiet">None planned.</p>`
        : html`<ul>
            ${planned}
          </ul>`
    }
    <form class="row" data-fault>
      <label
        >Kind
        <select name="kind">
          ${FAULT_KINDS.map((kind) => html`<option>${kind}</option>`)}
        </select></label
      >
      <label>Path <input type="text" name="path" value="/v1/" /></label>
      <label>Times <input type="number" name="times" value="1" min="1" /></label>
      <button type="submit">Plan</button> ${button('Clear', 'faults', {}, 'DELETE')}
    </form>`;
}

function table(heads: readonly string[], rows: readonly Html[]): Html {
  if (rows.length === 0) return html`<p class="quiet">None yet.</p>`;
  return html`<div class="scroll">
    <table class="card">
      <thead>
        <tr>
          ${heads.map((head) => html`<th scope="col">${head}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}

function row(...cells: (Html | string)[]): Html {
  return html`<tr>
    ${cells.map((cell) => html`<td>${cell}</td>`)}
  </tr>`;
}

function latest<Row>(rows: Iterable<Row>): Row[] {
  const found: Row[] = [];
  for (const entry of rows) {
    if (found.length === SHOWN) break;
    found.push(entry);
  }
  return found;
}

function intents(world: World): Html {
  const { paymentIntents } = world.store;
  const rows = latest(paymentIntents.walk(paymentIntents.lastPosition, -1)).map((intent) => {
    const money = (amount: number) => formatAmount(amount, intent.currency);
    return row(
      html`<code>${intent.id}</code>`,
      intent.status,
      money(intent.amount),
      money(intent.amount_capturable),
      money(intent.amount_received),
      JSON.stringify(intent.metadata),
    );
  });
  return html`<h2>Payment intents</h2>
    ${table(['Id', 'Status', 'Amount', 'Capturable', 'Received', 'Metadata'], rows)}`;
}

function sessions(world: World): Html {
  const all = world.store.sessions;
  const rows = latest(all.walk(all.lastPosition, -1)).map((session) =>
    row(
      session.status === 'open'
        ? html`<a href="${pageUrl(world, session)}"><code>${session.id.slice(0, 24)}…</code></a>`
        : html`<code>${session.id.slice(0, 24)}…</code>`,
      session.status,
      formatAmount(session.amount_total, session.currency),
      session.payment_intent ?? '',
    ),
  );
  return html`<h2>Checkout sessions</h2>
    ${table(['Id', 'Status', 'Total', 'Payment intent'], rows)}`;
}

function events(world: World): Html {
  const { events: log } = world.store;
  const rows = latest(log.walk(log.lastPosition, -1)).map((event) => {
    const deliveries = world.deliveries.of(event.id).map((delivery) => {
      const attempts = delivery.attempts.map((attempt) => String(attempt.status ?? attempt.error)).join(', ');
      return html`<div>${delivery.state}${attempts !== '' && `: ${attempts}`}</div>`;
    });
    const id = (event.object as { id?: string }).id ?? '';
    return row(
      new Date(event.created * 1000).toISOString(),
      event.type,
      html`<code>${id.slice(0, 32)}</code>`,
      html`${deliveries}`,
    );
  });
  return html`<h2>Events</h2>
    ${table(['At', 'Type', 'Object', 'Deliveries'], rows)}`;
}

function script(): Html {
  return html`<script>
    const call = async (method, path, body) => {
      const init = { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
      const response = await fetch('/_sandbox/' + path, init);
      if (!response.ok) alert((await response.json()).error.message);
      else location.reload();
    };
    document.addEventListener('click', (event) => {
      const { path, method, body } = event.target.dataset;
      if (path) call(method, path, JSON.parse(body));
    });
    document.querySelector('[data-fault]').addEventListener('submit', (event) => {
      event.preventDefault();
      const { kind, path, times } = Object.fromEntries(new FormData(event.target));
      call('POST', 'faults', { kind, path, times: Number(times) });
    });
  </script>`;
}
