import { module } from '#accounts';

export const owner = module;
