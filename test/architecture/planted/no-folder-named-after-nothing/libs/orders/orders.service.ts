import { pad } from './utils/pad.js';

export const called = pad;
