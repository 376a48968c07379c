export { PAYMENT_METHOD_NOT_FOUND } from './payment-methods.errors.js';
export { PaymentMethodsModule } from './payment-methods.module.js';
export { PaymentMethodsService } from './payment-methods.service.js';
export { StripeCustomersService } from './stripe-customers.service.js';
