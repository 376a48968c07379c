export { PaymentMethodsModule } from './payment-methods.module.js';
export { StripeCustomerEntity } from './stripe-customer.entity.js';
export { StripeCustomersService } from './stripe-customers.service.js';
