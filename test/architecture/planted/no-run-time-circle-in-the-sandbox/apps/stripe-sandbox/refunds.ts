import { charge } from './charges.js';

export const refund = () => charge;
