import { refund } from './refunds.js';

export const charge = () => refund;
