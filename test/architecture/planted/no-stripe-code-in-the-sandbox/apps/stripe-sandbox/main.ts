import Stripe from 'stripe';

export const asked = Stripe;
