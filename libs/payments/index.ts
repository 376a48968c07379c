export { PaymentEntity } from './payment.entity.js';
export { PAYMENT_MOVES } from './payment.state-machine.js';
export { AuthorizationExpiring, DisputeMoved, PaymentMoved, RefundMoved } from './payments.events.js';
export { PaymentsModule } from './payments.module.js';
export { PaymentsReconcile } from './payments.reconcile.js';
export { PaymentsRefresh } from './payments.refresh.js';
export { PaymentsRepository } from './payments.repository.js';
export { METADATA_SOURCE } from './payments.request.js';
export { PaymentsSettle, SETTLED_BY_A_PERSON } from './payments.settle.js';
