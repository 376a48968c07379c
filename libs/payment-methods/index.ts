export { PaymentMethodEntity } from './payment-method.entity.js';
export { PAYMENT_METHOD_NOT_FOUND } from './payment-methods.errors.js';
export { PaymentMethodsModule } from './payment-methods.module.js';
export { PaymentMethodsService } from './payment-methods.service.js';
export { StripeCustomerEntity } from './stripe-customer.entity.js';
export { StripeCustomersService } from './stripe-customers.service.js';
