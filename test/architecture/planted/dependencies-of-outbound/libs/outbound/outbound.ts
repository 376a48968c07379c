import { module } from '#partners';

export const called = module;
