import { room } from '#webhooks';

export const asked = room;
