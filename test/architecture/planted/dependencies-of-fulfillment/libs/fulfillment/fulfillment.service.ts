import { module } from '#stripe';

export const called = module;
