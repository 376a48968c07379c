import { room } from '#accounts';

export const owner = room;
