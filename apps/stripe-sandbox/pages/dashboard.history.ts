import type { RequestLog } from '../http/request-log.js';
import type { World } from '../world.js';
import { badge, code, latest, row, table } from './dashboard.parts.js';
import { html, type Html } from './html.js';

/** Events, newest first, and what became of each at each endpoint. */
export function eventsPart(world: World): Html {
  const { events: log } = world.store;
  const rows = latest(log.walk(log.lastPosition, -1)).map((event) => {
    const deliveries = world.deliveries.of(event.id).map((delivery) => {
      const attempts = delivery.attempts.map((attempt) => String(attempt.status ?? attempt.error)).join(', ');
      return html`<div>${badge(delivery.state)} <span class="quiet small">${attempts}</span></div>`;
    });
    const about = (event.object as { id?: string }).id ?? '';
    return row(when(new Date(event.created * 1000)), event.type, code(about.slice(0, 32)), deliveries);
  });
  return table('events', 'Events and their deliveries', ['At', 'Type', 'About', 'Deliveries'], rows);
}

/** What was asked of the API, newest first. */
export function requestsPart(log: RequestLog): Html {
  const rows = latest(log.list(undefined).toReversed()).map((request) =>
    row(
      when(new Date(request.at)),
      html`${code(`${request.method} ${request.path}`)}`,
      request.status === null ? 'cut' : badge(String(request.status)),
      request.idempotencyKey === null
        ? ''
        : html`${code(request.idempotencyKey)} ${request.replayed && html`<span class="quiet small">replayed</span>`}`,
    ),
  );
  return table('requests', 'Requests', ['At', 'Request', 'Answer', 'Idempotency key'], rows);
}

function when(date: Date): Html {
  const iso = date.toISOString();
  return html`<time class="nowrap" datetime="${iso}">${iso.slice(5, 19).replace('T', ' ')}</time>`;
}
