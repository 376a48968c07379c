import { room } from '#platform';

export const asked = room;
