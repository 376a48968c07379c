import { invalidRequest, resourceMissing } from '../http/errors.js';
import { listOf, pageOf, pagingParameters, within } from '../http/paging.js';
import { boolean, list, string, timeRange } from '../http/parameters.js';
import { route, type Route } from '../http/route.js';
import type { World } from '../world.js';
import { presentEvent, type EventRecord } from './events.js';

/** Events can be listed for thirty days (facts §5.11). */
const KEPT_SECONDS = 30 * 86_400;

/** /v1/events (https://docs.stripe.com/api/events, facts §5.11). */
export const eventRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/events',
    parameters: {
      ...pagingParameters,
      created: timeRange(),
      delivery_success: boolean(),
      type: string(),
      types: list(string(), { max: 20 }),
    },
    answers: 'event',
    list: true,
    run({ world, params, url }) {
      if (params.type !== undefined && params.types !== undefined) {
        throw invalidRequest('You may only specify one of these parameters: type, types.');
      }
      const page = pageOf(world.store.events, params, (event) => {
        return (
          isKept(world, event) &&
          within(event.created, params.created) &&
          (params.type === undefined || matches(params.type, event.type)) &&
          (params.types === undefined || params.types.includes(event.type)) &&
          (params.delivery_success === undefined || params.delivery_success === world.deliveries.allSucceeded(event.id))
        );
      });
      return listOf(
        page.rows.map((event) => presentEvent(world, event)),
        page.hasMore,
        url,
      );
    },
  }),
  route({
    method: 'GET',
    path: '/v1/events/:id',
    parameters: {},
    answers: 'event',
    run({ world, path }) {
      const id = path['id'] ?? '';
      const event = world.store.events.get(id);
      if (event === undefined || !isKept(world, event)) throw resourceMissing('event', id, 'id', 404);
      return presentEvent(world, event);
    },
  }),
];

function isKept(world: World, event: EventRecord): boolean {
  return world.clock.seconds() - event.created <= KEPT_SECONDS;
}

/** `*` at the end stands for anything: `charge.*`. */
function matches(pattern: string, type: string): boolean {
  return pattern.endsWith('*') ? type.startsWith(pattern.slice(0, -1)) : pattern === type;
}
