import { forgotten } from './orders.forgotten.js';

export const called = forgotten;
