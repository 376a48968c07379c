import type { Customer } from './customers.js';

export interface World {
  customers: Customer[];
}
