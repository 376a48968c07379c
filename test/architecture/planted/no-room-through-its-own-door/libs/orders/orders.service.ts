import { room } from '#orders';

export const asked = room;
