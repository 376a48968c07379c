import type { Troubled } from '#notifications';
import { code, html, theirs, type Html } from './console.pages.html.js';
import { badge, cutNote, layout, type Setting } from './console.pages.layout.js';
import { pair } from './console.pages.stuck.js';
import { OPERATOR_LIMITS, lastWord, age, utc } from '#operators';
import type { OpenCircuit } from '#operators';

/** GET /console/endpoints: partners' servers that do not answer as they should. */
export function endpointsPage(
  setting: Setting,
  troubled: readonly Troubled[],
  circuits: readonly OpenCircuit[],
): string {
  const limit = OPERATOR_LIMITS.endpoints;
  const body = html`<h1>Endpoints of partners</h1>
    <p class="quiet">Of an address only scheme, host and port are shown: partners put keys into the rest.</p>
    <h2>Notifications</h2>
    ${troubled.length === 0 && html`<p class="card">Every endpoint answers with success.</p>`}
    ${troubled.slice(0, limit).map((endpoint) => endpointCard(setting, endpoint))}
    ${cutNote(troubled.length > limit, `The ${limit} that are longest in trouble are shown.`)}
    <h2>Fulfilment</h2>
    ${circuits.length === 0 && html`<p class="card">No supplier’s circuit is open.</p>`}
    ${circuits.slice(0, limit).map((circuit) => circuitCard(setting, circuit))}
    ${cutNote(circuits.length > limit, `The ${limit} worst are shown.`)}`;
  return layout(setting, { title: 'Endpoints', body, here: '/console/endpoints' });
}

function endpointCard({ now }: Setting, endpoint: Troubled): Html {
  const { endpointId, partnerId, origin, failingSince, disabledAt, disabledReason, waiting, lastAttempt } = endpoint;
  const next =
    disabledAt === null
      ? 'It is tried again by itself, for three days; tell the partner when it goes on.'
      : 'Nothing is sent there. Tell the partner, who enables or deletes it; what waits is kept for 30 days.';
  return html`<article class="card urgent">
    <div class="head">
      <h3>${origin}</h3>
      ${badge(disabledAt === null ? 'failing' : 'disabled')}
    </div>
    <p class="next">Next: ${next}</p>
    <dl class="facts">
      ${pair('partner', code(partnerId))} ${pair('endpoint', code(endpointId))}
      ${failingSince !== null && pair('fails since', html`${utc(failingSince)} (${age(failingSince, now)})`)}
      ${
        disabledAt !== null &&
        pair(
          'disabled',
          html`${utc(disabledAt)} (${age(disabledAt, now)} ago),
          ${disabledReason === 'gone' ? 'it answered 410: gone' : 'it took nothing for three days'}`,
        )
      }
      ${pair('waiting', html`${waiting} ${waiting === 1 ? 'notification' : 'notifications'}`)}
      ${pair('last answer', html`${theirs(lastWord(endpoint))}${lastAttempt && html`, ${utc(new Date(lastAttempt.at))}`}`)}
    </dl>
  </article>`;
}

/** A circuit keeps real time: it is a matter of seconds, whatever the business clock says. */
function circuitCard(_: Setting, { origin, partners, failures, openUntil }: OpenCircuit): Html {
  return html`<article class="card urgent">
    <div class="head">
      <h3>${origin}</h3>
      ${badge('open')}
    </div>
    <p class="next">Next: items wait, and one tries by itself every few seconds; tell the partner when it goes on.</p>
    <dl class="facts">
      ${pair('of', html`${partners.length === 0 ? 'no partner any more' : partners.join(', ')}`)}
      ${pair('failures in a row', html`${failures}`)} ${pair('tried again from', html`${utc(openUntil)}`)}
    </dl>
  </article>`;
}
