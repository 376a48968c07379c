import type Stripe from 'stripe';
import { route, type Route } from '../http/route.js';
import type { World } from '../world.js';

/** GET /v1/account: whose account a key belongs to. The id is the same for as long as the data directory is. */
export const accountRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/account',
    parameters: {},
    answers: 'account',
    run: ({ world }) => presentAccount(world),
  }),
];

function presentAccount(world: World): Stripe.Account {
  return {
    id: world.store.account.get('account')?.account ?? '',
    object: 'account',
    business_type: 'company',
    capabilities: { card_payments: 'active', transfers: 'active' },
    charges_enabled: true,
    country: 'US',
    default_currency: 'usd',
    details_submitted: true,
    email: 'sandbox@example.com',
    metadata: {},
    payouts_enabled: true,
    type: 'standard',
  } satisfies Stripe.Account;
}
