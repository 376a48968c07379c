import acorn from 'acorn';

export const asked = acorn;
