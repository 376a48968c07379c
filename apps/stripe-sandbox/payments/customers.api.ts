import { resourceMissing } from '../http/errors.js';
import { mergeMetadata, metadata } from '../http/metadata.js';
import { listOf, pageOf, pageOfRows, pagingParameters, within } from '../http/paging.js';
import { email, list, oneOf, orUnset, string, timeRange, type Values } from '../http/parameters.js';
import { route, type Call, type Route } from '../http/route.js';
import { newId } from '../state/ids.js';
import { emit } from '../webhooks/events.js';
import type { World } from '../world.js';
import { addressParameter, merged, readAddress, readShipping, shippingParameter } from './contact.parameters.js';
import { presentCustomer, refuseDeleted, type CustomerRecord } from './customers.js';
import { refuseAttachment } from './payment-methods.api.js';
import { attach, paymentMethodToUse, presentPaymentMethod } from './payment-methods.js';

const described = {
  address: orUnset(addressParameter()),
  description: orUnset(string()),
  email: orUnset(email()),
  metadata: metadata(),
  name: orUnset(string({ max: 256 })),
  phone: orUnset(string({ max: 20 })),
  preferred_locales: list(string()),
  shipping: orUnset(shippingParameter()),
};
const createParameters = { ...described, payment_method: string() };
const methodFilters = { type: oneOf('card'), allow_redisplay: oneOf('always', 'limited', 'unspecified') };

/** /v1/customers (https://docs.stripe.com/api/customers, facts §4). */
export const customerRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/v1/customers',
    parameters: createParameters,
    answers: 'customer',
    run: ({ world, params }) => presentCustomer(create(world, params)),
  }),
  route({
    method: 'GET',
    path: '/v1/customers',
    parameters: { ...pagingParameters, created: timeRange(), email: string() },
    answers: 'customer',
    list: true,
    run({ world, params, url }) {
      const page = pageOf(world.store.customers, params, (customer) => {
        return (
          !customer.deleted &&
          within(customer.created, params.created) &&
          (params.email ?? customer.email) === customer.email
        );
      });
      return listOf(page.rows.map(presentCustomer), page.hasMore, url);
    },
  }),
  route({
    method: 'GET',
    path: '/v1/customers/:id',
    parameters: {},
    answers: 'customer',
    run: (call) => presentCustomer(customerOf(call)),
  }),
  route({
    method: 'POST',
    path: '/v1/customers/:id',
    parameters: described,
    answers: 'customer',
    run(call) {
      const customer = customerOf(call);
      refuseDeleted(customer);
      const updated = call.world.store.customers.update(customer, patchOf(customer, call.params));
      emit(call.world, 'customer.updated', presentCustomer(updated));
      return presentCustomer(updated);
    },
  }),
  route({ method: 'DELETE', path: '/v1/customers/:id', parameters: {}, answers: 'customer', run: remove }),
  route({
    method: 'GET',
    path: '/v1/customers/:id/payment_methods',
    parameters: { ...pagingParameters, ...methodFilters },
    answers: 'payment_method',
    list: true,
    run(call) {
      const { world, params, url } = call;
      const customer = customerOf(call);
      refuseDeleted(customer);
      const methods = world.store.paymentMethods.where('customer', customer.id);
      const page = pageOfRows(
        methods,
        params,
        (method) => (params.allow_redisplay ?? method.allow_redisplay) === method.allow_redisplay,
      );
      return listOf(page.rows.map(presentPaymentMethod), page.hasMore, url);
    },
  }),
  route({
    method: 'GET',
    path: '/v1/customers/:id/payment_methods/:method',
    parameters: {},
    answers: 'payment_method',
    run(call) {
      const customer = customerOf(call);
      refuseDeleted(customer);
      const id = call.path['method'] ?? '';
      const method = call.world.store.paymentMethods.get(id);
      if (method?.customer !== customer.id) throw resourceMissing('PaymentMethod', id, 'payment_method', 404);
      return presentPaymentMethod(method);
    },
  }),
];

function customerOf(call: Call): CustomerRecord {
  const id = call.path['id'] ?? '';
  const customer = call.world.store.customers.get(id);
  if (customer === undefined) throw resourceMissing('customer', id, 'id', 404);
  return customer;
}

function create(world: World, params: Values<typeof createParameters>): CustomerRecord {
  const method = params.payment_method === undefined ? undefined : paymentMethodToUse(world, params.payment_method);
  if (method !== undefined) refuseAttachment(method);
  const blank: CustomerRecord = {
    id: newId('cus'),
    created: world.clock.seconds(),
    address: null,
    description: null,
    email: null,
    name: null,
    phone: null,
    preferred_locales: [],
    shipping: null,
    metadata: {},
    deleted: false,
  };
  const customer = world.store.customers.insert({ ...blank, ...patchOf(blank, params) });
  emit(world, 'customer.created', presentCustomer(customer));
  if (method !== undefined) attach(world, method, customer.id);
  return customer;
}

function patchOf(customer: CustomerRecord, params: Values<typeof described>): Partial<CustomerRecord> {
  const { address, shipping } = params;
  return {
    address: address === undefined ? customer.address : address === '' ? null : readAddress(address),
    description: merged(customer.description, params.description),
    email: merged(customer.email, params.email),
    name: merged(customer.name, params.name),
    phone: merged(customer.phone, params.phone),
    preferred_locales: params.preferred_locales ?? customer.preferred_locales,
    shipping: shipping === undefined ? customer.shipping : shipping === '' ? null : readShipping(shipping),
    metadata: mergeMetadata(customer.metadata, params.metadata),
  };
}

/** A deleted customer is still found by its id, as `deleted: true`; its payment methods are detached for good. */
function remove(call: Call): object {
  const { world } = call;
  const customer = customerOf(call);
  refuseDeleted(customer);
  const before = presentCustomer(customer);
  for (const method of world.store.paymentMethods.where('customer', customer.id)) {
    world.store.paymentMethods.update(method, { customer: null, spent: true });
  }
  const deleted = world.store.customers.update(customer, { deleted: true });
  emit(world, 'customer.deleted', before);
  return presentCustomer(deleted);
}
