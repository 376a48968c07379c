import { SETTLEMENTS, type Settlement } from '#cases';
import { html, theirs, type Html } from './console.pages.html.js';
import { layout, type Setting } from './console.pages.layout.js';
import { idOf } from './console.pages.stripe.js';
import { needsSettlement, age, factsOf, utc } from '#operators';
import type { StuckCounts, StuckThing } from '#operators';

const SOURCES: Readonly<Record<StuckThing['source'], string>> = {
  case: 'case',
  job: 'dead job',
  event: 'event of Stripe',
  endpoint: 'notification endpoint',
};

/** Each is a card with its buttons: more is no help. */
const SHOWN = 100;

/** GET /console: what needs a person, the longest waiting first. */
export function stuckPage(
  setting: Setting,
  things: readonly StuckThing[],
  counts: StuckCounts,
  notice?: string,
): string {
  const all = [
    ...counts.cases,
    ...counts.deadJobs.map(({ name, count }) => ({ name: `dead job ${name}`, count })),
    { name: 'failed events', count: counts.failedEvents },
    { name: 'failing endpoints', count: counts.failingEndpoints },
  ].filter(({ count }) => count > 0);
  const total = all.reduce((sum, { count }) => sum + count, 0);
  const shown = things.slice(0, SHOWN);
  const body = html`<h1>
      ${total === 0 ? 'Nothing needs a person' : `${total} ${total === 1 ? 'thing needs' : 'things need'} a person`}
    </h1>
    ${
      total === 0
        ? html`<p>No open case, no dead job, no event that keeps failing, and every notification endpoint answers.</p>`
        : html`<ul class="chips">
              ${all.map(({ name, count }) => html`<li class="badge">${count} × ${name}</li>`)}
            </ul>
            ${total > shown.length && html`<p>The ${shown.length} that wait longest are shown.</p>`}
            ${shown.map((thing) => stuckCard(setting, thing))}`
    }`;
  return layout(setting, { title: 'Needs a person', body, here: '/console', ...(notice !== undefined && { notice }) });
}

/** @param onOrder the order that the card is shown with, to which its buttons lead back */
export function stuckCard(setting: Setting, thing: StuckThing, onOrder?: string): Html {
  const { source, id, kind, subject, orderNumber, since, reason, nextStep, facts } = thing;
  const details = factsOf(facts, undefined).filter(([, value]) => value !== orderNumber && value !== subject);
  const isNews = subject !== orderNumber;
  return html`<article class="card urgent">
    <div class="head">
      <h2>${kind}</h2>
      <span class="badge">${SOURCES[source]} ${source === 'case' && id}</span>
      <span class="quiet">since ${utc(since)} (${age(since, setting.now)})</span>
    </div>
    <p>${theirs(reason)}</p>
    <p class="next">Next: ${theirs(nextStep)}</p>
    <dl class="facts">
      ${orderNumber !== undefined && orderNumber !== onOrder && pair('order', orderLink(orderNumber))}
      ${isNews && pair('about', idOf(setting, subject))}
      ${details.map(([name, value]) => pair(name, idOf(setting, value)))}
    </dl>
    ${actionsOf(thing, onOrder)}
  </article>`;
}

export function pair(name: string, value: Html): Html {
  return html`<dt>${name}</dt>
    <dd>${value}</dd>`;
}

export function orderLink(orderNumber: string): Html {
  return html`<a href="/console/orders/${encodeURIComponent(orderNumber)}">${orderNumber}</a>`;
}

/** A button: a form whose address says all, so that it needs no script. */
export function actionButton(label: string, path: string, backTo?: string, said: Record<string, string> = {}): Html {
  const query = new URLSearchParams({ ...(backTo !== undefined && { order: backTo }), ...said }).toString();
  const address = `${path}${query === '' ? '' : `?${query}`}`;
  return html`<form method="post" action="/console/${address}"><button>${label}</button></form>`;
}

/** What a person says who closes the case of an order that stays in Delivered. */
const SETTLED: Readonly<Record<Settlement, string>> = {
  collected: 'The customer paid in another way',
  refunded: 'The difference was refunded',
  'written-off': 'Nobody pays it: written off',
};

function closeButtons({ id, kind }: StuckThing, onOrder: string | undefined): Html {
  const path = `cases/${encodeURIComponent(id)}/close`;
  if (!needsSettlement(kind)) return actionButton(`I have dealt with it: close case ${id}`, path, onOrder);
  return html`<p>Its order stays in Delivered, and nobody looks at it again: say how it was settled.</p>
    ${SETTLEMENTS.map((settlement) => actionButton(`${SETTLED[settlement]}: close case ${id}`, path, onOrder, { settlement }))}`;
}

function actionsOf(thing: StuckThing, onOrder: string | undefined): Html | false {
  const { source, id, orderNumber } = thing;
  const path = encodeURIComponent(id);
  const look = onOrder === undefined && orderNumber !== undefined;
  const own =
    source === 'job'
      ? actionButton('Replay the job', `jobs/${path}/replay`, onOrder)
      : source === 'case' &&
        html`<details>
          <summary class="button">Close case ${id}</summary>
          <p>A closed case is off this list for good. Close it when you have dealt with it.</p>
          ${closeButtons(thing, onOrder)}
        </details>`;
  if (own === false && !look) return false;
  return html`<div class="actions">
    ${look && actionButton('Look again at Stripe', `orders/${encodeURIComponent(orderNumber)}/look`)} ${own}
  </div>`;
}
