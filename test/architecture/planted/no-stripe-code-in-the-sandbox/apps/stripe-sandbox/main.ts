import Stripe from 'stripe';

export const called = Stripe;
