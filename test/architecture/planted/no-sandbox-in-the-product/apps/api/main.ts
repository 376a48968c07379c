import { clock } from '../stripe-sandbox/clock.js';

export const called = clock;
