import { presentLineItem } from './checkout/sessions.present.js';
import type { Lookup, ObjectKind } from './http/expand.js';
import { listOf, pageOfRows } from './http/paging.js';
import { presentCharge } from './payments/charges.js';
import { presentCustomer } from './payments/customers.js';
import { presentPaymentIntent } from './payments/payment-intents.present.js';
import { presentPaymentMethod } from './payments/payment-methods.js';
import { presentRefund } from './payments/refunds.js';
import type { World } from './world.js';

/** What `expand[]` can reach: an id's object, and the lists that are only included on demand. */
export function lookupIn(world: World): Lookup {
  return {
    object(kind: ObjectKind, id: string): object | null {
      const { customers, charges, paymentIntents, paymentMethods } = world.store;
      if (kind === 'customer') return presented(customers.get(id), presentCustomer);
      if (kind === 'charge') return presented(charges.get(id), presentCharge);
      if (kind === 'payment_method') return presented(paymentMethods.get(id), presentPaymentMethod);
      if (kind === 'payment_intent')
        return presented(paymentIntents.get(id), (intent) => presentPaymentIntent(world, intent));
      return null;
    },
    list(kind: ObjectKind, ownerId: string): object {
      if (kind === 'refund') {
        const { rows, hasMore } = pageOfRows(world.store.refunds.where('charge', ownerId), {});
        return listOf(rows.map(presentRefund), hasMore, `/v1/charges/${ownerId}/refunds`);
      }
      const session = world.store.sessions.get(ownerId);
      const items = session?.line_items.slice(0, 10).map((item) => presentLineItem(session, item)) ?? [];
      const more = (session?.line_items.length ?? 0) > items.length;
      return listOf(items, more, `/v1/checkout/sessions/${ownerId}/line_items`);
    },
  };
}

function presented<Row>(row: Row | undefined, present: (row: Row) => object): object | null {
  return row === undefined ? null : present(row);
}
