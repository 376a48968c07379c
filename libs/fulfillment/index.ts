export { FulfillmentCircuit } from './fulfillment.circuit.js';
export { FulfillmentModule } from './fulfillment.module.js';
export { FulfillmentReconcile } from './fulfillment.reconcile.js';
