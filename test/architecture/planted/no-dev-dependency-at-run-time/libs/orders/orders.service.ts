import fc from 'fast-check';

export const asked = fc;
