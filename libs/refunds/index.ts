export { DisputeEntity } from './dispute.entity.js';
export { DISPUTE_MOVES } from './dispute.state-machine.js';
export { DisputesRepository } from './disputes.repository.js';
export { RefundEntity } from './refund.entity.js';
export { REFUND_MOVES } from './refund.state-machine.js';
export { DisputeMoved, RefundMoved } from './refunds.events.js';
export { RefundsRepository } from './refunds.repository.js';
export { RefundsReturns } from './refunds.returns.js';
export { RefundsModule } from './refunds.module.js';
