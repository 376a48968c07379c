import { email, hash, orUnset, required, string, type Values } from '../http/parameters.js';
import type { PostalAddress, Shipping } from './customers.js';

/** Addresses, shipping and billing details: the same parameters on every object that has them. */
const address = {
  city: orUnset(string()),
  country: orUnset(string({ max: 5000 })),
  line1: orUnset(string()),
  line2: orUnset(string()),
  postal_code: orUnset(string()),
  state: orUnset(string()),
};
export const addressParameter = () => hash(address);

const shipping = {
  address: required(hash(address)),
  name: required(string()),
  phone: orUnset(string()),
  carrier: string(),
  tracking_number: string(),
};
export const shippingParameter = () => hash(shipping);

const billingDetails = {
  address: orUnset(hash(address)),
  email: orUnset(email()),
  name: orUnset(string()),
  phone: orUnset(string()),
  tax_id: string(),
};
export const billingDetailsParameter = () => hash(billingDetails);

export interface BillingDetails {
  readonly address: PostalAddress | null;
  readonly email: string | null;
  readonly name: string | null;
  readonly phone: string | null;
  readonly tax_id: string | null;
}

export const NO_BILLING_DETAILS: BillingDetails = { address: null, email: null, name: null, phone: null, tax_id: null };

export function readAddress(sent: Values<typeof address>): PostalAddress {
  return {
    city: sent.city || null,
    country: sent.country || null,
    line1: sent.line1 || null,
    line2: sent.line2 || null,
    postal_code: sent.postal_code || null,
    state: sent.state || null,
  };
}

export function readShipping(sent: Values<typeof shipping>): Shipping {
  return { address: readAddress(sent.address), name: sent.name, phone: sent.phone || null };
}

/** What was sent over what was there; `''` unsets. */
export function mergeBillingDetails(
  current: BillingDetails,
  sent: Values<typeof billingDetails> | undefined,
): BillingDetails {
  if (sent === undefined) return current;
  return {
    address: sent.address === undefined ? current.address : sent.address === '' ? null : readAddress(sent.address),
    email: merged(current.email, sent.email),
    name: merged(current.name, sent.name),
    phone: merged(current.phone, sent.phone),
    tax_id: merged(current.tax_id, sent.tax_id),
  };
}

/** A text that may be left alone (undefined) or unset (''). */
export function merged(current: string | null, sent: string | undefined): string | null {
  if (sent === undefined) return current;
  return sent === '' ? null : sent;
}
