import { room } from '#fulfillment';

export const asked = room;
