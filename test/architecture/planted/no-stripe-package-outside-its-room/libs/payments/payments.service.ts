import type Stripe from 'stripe';

export type Asked = Stripe;
