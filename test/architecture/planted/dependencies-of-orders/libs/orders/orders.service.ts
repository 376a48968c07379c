import { module } from '#payments';

export const called = module;
