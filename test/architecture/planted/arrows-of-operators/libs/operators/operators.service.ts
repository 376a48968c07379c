import { room } from '#payment-methods';

export const asked = room;
