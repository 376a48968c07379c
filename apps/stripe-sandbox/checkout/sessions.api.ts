import { mergeMetadata, metadata } from '../http/metadata.js';
import { listOf, pageOf, pageOfRows, pagingParameters, within } from '../http/paging.js';
import { oneOf, string, timeRange } from '../http/parameters.js';
import { route, type Call, type Route } from '../http/route.js';
import type { CheckoutSessionRecord } from './session.record.js';
import { createSession, sessionToUse } from './sessions.create.js';
import { expireSession } from './sessions.lifecycle.js';
import { createParameters } from './sessions.parameters.js';
import { presentLineItem, presentSession } from './sessions.present.js';

/** /v1/checkout/sessions (https://docs.stripe.com/api/checkout/sessions, facts §2). */
export const checkoutSessionRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/v1/checkout/sessions',
    parameters: createParameters,
    answers: 'checkout.session',
    run: ({ world, params }) => presentSession(world, createSession(world, params)),
  }),
  route({
    method: 'GET',
    path: '/v1/checkout/sessions',
    parameters: {
      ...pagingParameters,
      created: timeRange(),
      customer: string(),
      payment_intent: string(),
      status: oneOf('complete', 'expired', 'open'),
    },
    answers: 'checkout.session',
    list: true,
    run({ world, params, url }) {
      const { sessions } = world.store;
      const matches = (session: CheckoutSessionRecord) =>
        within(session.created, params.created) &&
        (params.status ?? session.status) === session.status &&
        (params.customer ?? session.customer) === session.customer;
      const page =
        params.payment_intent !== undefined
          ? pageOfRows(sessions.where('payment_intent', params.payment_intent), params, matches)
          : params.customer !== undefined
            ? pageOfRows(sessions.where('customer', params.customer), params, matches)
            : pageOf(sessions, params, matches);
      return listOf(
        page.rows.map((session) => presentSession(world, session)),
        page.hasMore,
        url,
      );
    },
  }),
  route({
    method: 'GET',
    path: '/v1/checkout/sessions/:id',
    parameters: {},
    answers: 'checkout.session',
    run: (call) => presentSession(call.world, sessionOf(call)),
  }),
  route({
    method: 'POST',
    path: '/v1/checkout/sessions/:id',
    parameters: { metadata: metadata() },
    answers: 'checkout.session',
    run(call) {
      const session = sessionOf(call);
      const updated = call.world.store.sessions.update(session, {
        metadata: mergeMetadata(session.metadata, call.params.metadata),
      });
      return presentSession(call.world, updated);
    },
  }),
  route({
    method: 'POST',
    path: '/v1/checkout/sessions/:id/expire',
    parameters: {},
    answers: 'checkout.session',
    run: (call) => presentSession(call.world, expireSession(call.world, sessionOf(call))),
  }),
  route({
    method: 'GET',
    path: '/v1/checkout/sessions/:id/line_items',
    parameters: pagingParameters,
    answers: 'item',
    list: true,
    run(call) {
      const session = sessionOf(call);
      // Line items are listed in the order in which they were given, unlike everything else.
      const page = pageOfRows([...session.line_items].reverse(), call.params);
      return listOf(
        page.rows.map((item) => presentLineItem(session, item)),
        page.hasMore,
        call.url,
      );
    },
  }),
];

function sessionOf(call: Call): CheckoutSessionRecord {
  return sessionToUse(call.world, call.path['id'] ?? '');
}
