/** How much a person is shown at once; whoever shows a list that goes on says so. */
export const OPERATOR_LIMITS = {
  search: 200,
  endpoints: 100,
  file: { timeline: 500, payments: 20, refunds: 100, disputes: 100, notifications: 100 },
} as const;
