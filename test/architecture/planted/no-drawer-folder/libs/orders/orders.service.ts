import { pad } from './utils/pad.js';

export const asked = pad;
