import { module } from '#orders';

export const called = module;
