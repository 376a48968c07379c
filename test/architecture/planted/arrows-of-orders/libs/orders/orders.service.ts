import { room } from '#payments';

export const asked = room;
