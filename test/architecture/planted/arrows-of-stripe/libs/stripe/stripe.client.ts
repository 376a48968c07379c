import type { Payment } from '#payments';

export type Asked = Payment;
