export const table = 'orders';
