import { module } from '#accounts';

export const called = module;
