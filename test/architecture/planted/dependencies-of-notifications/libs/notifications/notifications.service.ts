import { module } from '#webhooks';

export const called = module;
