import type { Payment } from '#payments';

export type Called = Payment;
