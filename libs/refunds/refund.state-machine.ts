import type { Moves } from '#platform';

export type RefundStatus = 'Pending' | 'Succeeded' | 'Failed';

/**
 * Mirrored by the CHECK `refunds_move_check`. A card network may send money back that was refunded before (Succeeded >
 * Failed); a refund that failed is over, and the next try is another refund.
 */
export const REFUND_MOVES: Moves<RefundStatus> = {
  Pending: ['Succeeded', 'Failed'],
  Succeeded: ['Failed'],
  Failed: [],
};
