import type Stripe from 'stripe';

export type Called = Stripe;
