import { FirstJourney1763856000000 } from './1763856000000-first-journey.js';
import { Notifications1795500000000 } from './1795500000000-notifications.js';
import { Reconciliation1795480000000 } from './1795480000000-reconciliation.js';
import { ReconciliationAtScale1795520000000 } from './1795520000000-reconciliation-at-scale.js';
import { HttpFulfillers1795530000000 } from './1795530000000-http-fulfillers.js';
import { SavedPaymentMethods1795400000000 } from './1795400000000-saved-payment-methods.js';
import { LifeOfPartnerKeys1795487100000 } from './1795487100000-life-of-partner-keys.js';
import { RefundsAndDisputes1795560000000 } from './1795560000000-refunds-and-disputes.js';
import { SettledByAPerson1795600000000 } from './1795600000000-settled-by-a-person.js';
import { FormerCustomers1795640000000 } from './1795640000000-former-customers.js';

/** One timeline, oldest first. */
export const MIGRATIONS = [
  FirstJourney1763856000000,
  SavedPaymentMethods1795400000000,
  Reconciliation1795480000000,
  LifeOfPartnerKeys1795487100000,
  Notifications1795500000000,
  ReconciliationAtScale1795520000000,
  HttpFulfillers1795530000000,
  RefundsAndDisputes1795560000000,
  SettledByAPerson1795600000000,
  FormerCustomers1795640000000,
];
