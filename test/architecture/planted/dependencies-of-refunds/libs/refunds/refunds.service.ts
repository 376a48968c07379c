import { module } from '#fulfillment';

export const called = module;
