import type Stripe from 'stripe';
import { invalidRequest, resourceMissing } from '../http/errors.js';
import type { Metadata } from '../http/metadata.js';
import type { World } from '../world.js';

export interface PostalAddress {
  readonly city: string | null;
  readonly country: string | null;
  readonly line1: string | null;
  readonly line2: string | null;
  readonly postal_code: string | null;
  readonly state: string | null;
}

export interface Shipping {
  readonly address: PostalAddress;
  readonly name: string;
  readonly phone: string | null;
}

export interface CustomerRecord {
  readonly id: string;
  readonly created: number;
  readonly address: PostalAddress | null;
  readonly description: string | null;
  readonly email: string | null;
  readonly name: string | null;
  readonly phone: string | null;
  readonly preferred_locales: readonly string[];
  readonly shipping: Shipping | null;
  readonly metadata: Metadata;
  readonly deleted: boolean;
}

/** @throws resource_missing with param `customer`, also for a deleted customer (facts §4.9). */
export function customerToUse(world: World, id: string): CustomerRecord {
  const customer = world.store.customers.get(id);
  if (customer === undefined || customer.deleted) throw resourceMissing('customer', id, 'customer', 400);
  return customer;
}

export function refuseDeleted(customer: CustomerRecord): void {
  if (!customer.deleted) return;
  throw invalidRequest(`No such customer: '${customer.id}'`, { code: 'resource_missing', param: 'id' }, 404);
}

export function presentCustomer(customer: CustomerRecord): Stripe.Customer | Stripe.DeletedCustomer {
  if (customer.deleted) return { id: customer.id, object: 'customer', deleted: true } satisfies Stripe.DeletedCustomer;
  return {
    id: customer.id,
    object: 'customer',
    address: customer.address,
    balance: 0,
    created: customer.created,
    currency: null,
    customer_account: null,
    default_source: null,
    delinquent: false,
    description: customer.description,
    discount: null,
    email: customer.email,
    invoice_prefix: invoicePrefixOf(customer.id),
    invoice_settings: { custom_fields: null, default_payment_method: null, footer: null, rendering_options: null },
    livemode: false,
    metadata: customer.metadata,
    name: customer.name,
    next_invoice_sequence: 1,
    phone: customer.phone,
    preferred_locales: [...customer.preferred_locales],
    shipping: customer.shipping as Stripe.Customer.Shipping | null,
    tax_exempt: 'none',
    test_clock: null,
  } satisfies Stripe.Customer;
}

/** Eight capitals and digits that stay the same for a customer. */
function invoicePrefixOf(id: string): string {
  return id.slice(-8).toUpperCase();
}
