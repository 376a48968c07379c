import fc from 'fast-check';

export const called = fc;
