import { module } from '../orders/index.js';

export const called = module;
