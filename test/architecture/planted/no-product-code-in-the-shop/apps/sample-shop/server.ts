import { module } from '#platform';

export const called = module;
