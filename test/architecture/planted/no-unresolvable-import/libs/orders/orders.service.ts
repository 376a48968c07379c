import { forgotten } from './orders.forgotten.js';

export const asked = forgotten;
