import type { Moves } from '#platform';

export type NotificationStatus = 'Pending' | 'Delivered' | 'Failed';

/** Mirrored by the CHECK `notifications_move_check`. What is over is sent again when the partner asks for it. */
export const NOTIFICATION_MOVES: Moves<NotificationStatus> = {
  Pending: ['Delivered', 'Failed'],
  Delivered: ['Pending'],
  Failed: ['Pending'],
};
