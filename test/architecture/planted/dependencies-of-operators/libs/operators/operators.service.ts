import { module } from '#payment-methods';

export const called = module;
