import { room } from '../orders/index.js';

export const asked = room;
