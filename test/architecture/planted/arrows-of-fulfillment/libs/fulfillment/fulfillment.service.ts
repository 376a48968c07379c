import { room } from '#stripe';

export const asked = room;
