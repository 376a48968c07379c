import { invalidRequest, resourceMissing } from '../http/errors.js';
import { mergeMetadata, metadata } from '../http/metadata.js';
import { listOf, pageOf, pagingParameters } from '../http/paging.js';
import { boolean, list, orUnset, required, string, url } from '../http/parameters.js';
import { route, type Call, type Route } from '../http/route.js';
import { newId, randomToken } from '../state/ids.js';
import { API_VERSION, type World } from '../world.js';
import { presentEndpoint, type WebhookEndpointRecord } from './endpoints.js';
import { isEventType } from './event-types.js';

/** An account has at most sixteen (facts §5.4). */
const MOST_ENDPOINTS = 16;

const updateParameters = {
  description: orUnset(string()),
  disabled: boolean(),
  enabled_events: list(string()),
  metadata: metadata(),
  url: url(),
};

/** /v1/webhook_endpoints (https://docs.stripe.com/api/webhook_endpoints, facts §5). */
export const webhookEndpointRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/v1/webhook_endpoints',
    parameters: {
      api_version: string(),
      description: orUnset(string()),
      enabled_events: required(list(string())),
      metadata: metadata(),
      url: required(url()),
    },
    answers: 'webhook_endpoint',
    run({ world, params }) {
      refuseOtherVersion(params.api_version);
      refuseUnknownEvents(params.enabled_events);
      refuseTooMany(world);
      const endpoint = world.store.endpoints.insert({
        id: newId('we'),
        created: world.clock.seconds(),
        url: params.url,
        secret: `whsec_${randomToken(32)}`,
        enabled_events: params.enabled_events,
        description: params.description || null,
        disabled: false,
        api_version: params.api_version ?? null,
        metadata: mergeMetadata({}, params.metadata),
        configured: false,
      });
      return { ...presentEndpoint(endpoint), secret: endpoint.secret };
    },
  }),
  route({
    method: 'GET',
    path: '/v1/webhook_endpoints',
    parameters: pagingParameters,
    answers: 'webhook_endpoint',
    list: true,
    run({ world, params, url: address }) {
      const page = pageOf(world.store.endpoints, params, () => true);
      return listOf(page.rows.map(presentEndpoint), page.hasMore, address);
    },
  }),
  route({
    method: 'GET',
    path: '/v1/webhook_endpoints/:id',
    parameters: {},
    answers: 'webhook_endpoint',
    run: (call) => presentEndpoint(endpointOf(call)),
  }),
  route({
    method: 'POST',
    path: '/v1/webhook_endpoints/:id',
    parameters: updateParameters,
    answers: 'webhook_endpoint',
    run(call) {
      const { params, world } = call;
      const endpoint = endpointOf(call);
      if (params.enabled_events !== undefined) refuseUnknownEvents(params.enabled_events);
      const updated = world.store.endpoints.update(endpoint, {
        description: params.description === undefined ? endpoint.description : params.description || null,
        disabled: params.disabled ?? endpoint.disabled,
        enabled_events: params.enabled_events ?? endpoint.enabled_events,
        metadata: mergeMetadata(endpoint.metadata, params.metadata),
        url: params.url ?? endpoint.url,
      });
      return presentEndpoint(updated);
    },
  }),
  route({
    method: 'DELETE',
    path: '/v1/webhook_endpoints/:id',
    parameters: {},
    answers: 'webhook_endpoint',
    run(call) {
      const { id } = endpointOf(call);
      call.world.store.endpoints.delete(id);
      return { id, object: 'webhook_endpoint', deleted: true };
    },
  }),
];

function endpointOf(call: Call): WebhookEndpointRecord {
  const id = call.path['id'] ?? '';
  const endpoint = call.world.store.endpoints.get(id);
  if (endpoint === undefined) throw resourceMissing('webhook_endpoint', id, 'id', 404);
  return endpoint;
}

/** This sandbox speaks one version; an endpoint that wants another would be sent what it does not expect. */
function refuseOtherVersion(version: string | undefined): void {
  if (version === undefined || version === API_VERSION) return;
  throw invalidRequest(`Invalid api_version: this sandbox speaks ${API_VERSION} only.`, { param: 'api_version' });
}

function refuseUnknownEvents(types: readonly string[]): void {
  for (const [index, type] of types.entries()) {
    if (type === '*' || isEventType(type)) continue;
    throw invalidRequest(`Invalid enabled_events[${index}]: ${type} is not an event type.`, {
      param: `enabled_events[${index}]`,
    });
  }
}

function refuseTooMany(world: World): void {
  const count = [...world.store.endpoints.oldestFirst()].length;
  if (count >= MOST_ENDPOINTS)
    throw invalidRequest(`You have reached the maximum of ${MOST_ENDPOINTS} test webhook endpoints.`);
}
