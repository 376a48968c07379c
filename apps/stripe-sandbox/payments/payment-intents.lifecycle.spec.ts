import { describe, expect, test } from '@jest/globals';
import { assertMove, refuseUnless, type Operation, type Status } from './payment-intents.lifecycle.js';

const ALL: Status[] = [
  'requires_payment_method',
  'requires_confirmation',
  'requires_action',
  'processing',
  'requires_capture',
  'succeeded',
  'canceled',
];

describe('the lifecycle (facts §3.1)', () => {
  test.each(['succeeded', 'canceled'] as const)('%s is final', (from) => {
    for (const to of ALL.filter((status) => status !== from)) expect(() => assertMove(from, to)).toThrow();
  });

  test('a reservation ends captured or canceled, nothing else', () => {
    const reachable = ALL.filter(
      (to) => to !== 'requires_capture' && allowed(() => assertMove('requires_capture', to)),
    );
    expect(reachable).toEqual(['succeeded', 'canceled']);
  });

  test.each<[Operation, Status[]]>([
    ['confirm', ['requires_payment_method', 'requires_confirmation', 'requires_action']],
    ['capture', ['requires_capture']],
    ['cancel', ['requires_payment_method', 'requires_confirmation', 'requires_action', 'requires_capture']],
  ])('%s is allowed in exactly its statuses (facts §3.2, §3.3, §3.5)', (operation, expected) => {
    expect(ALL.filter((status) => allowed(() => refuseUnless(operation, status, {})))).toEqual(expected);
  });
});

function allowed(check: () => void): boolean {
  try {
    check();
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(Error);
    return false;
  }
}
