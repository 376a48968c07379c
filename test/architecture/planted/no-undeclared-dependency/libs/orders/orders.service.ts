import acorn from 'acorn';

export const called = acorn;
