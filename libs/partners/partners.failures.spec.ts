import { describe, expect, it } from '@jest/globals';
import { Clock } from '#platform';
import { FailedAuthentications } from './partners.failures.js';

function statuses(failures: FailedAuthentications, address: string, times: number): number[] {
  return Array.from({ length: times }, () => failures.refusal(address).status);
}

describe('failed authentications', () => {
  it('are 401 a hundred times, then 429, each address by itself', () => {
    const failures = new FailedAuthentications(new Clock());
    expect(statuses(failures, '192.0.2.1', 102)).toEqual([...Array<number>(100).fill(401), 429, 429]);
    expect(statuses(failures, '192.0.2.2', 1)).toEqual([401]);
  });

  it('are forgotten after a minute', () => {
    const clock = new Clock();
    const failures = new FailedAuthentications(clock);
    statuses(failures, '192.0.2.1', 100);
    clock.setOffset(55_000);
    const late = failures.refusal('192.0.2.1');
    expect(late.status).toBe(429);
    expect(late.details.retryAfter).toBeLessThanOrEqual(5);
    clock.setOffset(60_001);
    expect(statuses(failures, '192.0.2.1', 1)).toEqual([401]);
  });

  it('of more addresses than are remembered push out the oldest', () => {
    const failures = new FailedAuthentications(new Clock());
    statuses(failures, 'first', 100);
    for (let n = 0; n < 9999; n++) failures.refusal(`address-${n}`);
    expect(statuses(failures, 'first', 1)).toEqual([429]);
    failures.refusal('one-more');
    expect(statuses(failures, 'first', 1)).toEqual([401]);
  });
});

describe('guessing at keys', () => {
  const failing = (failures: FailedAuthentications, address: string, key: string, times: number) =>
    Array.from({ length: times }, (_, n) => failures.refusal(address, `${key}${n}`).status);

  it('ends after a hundred from one address: then not even a right guess is looked at', () => {
    const failures = new FailedAuthentications(new Clock());
    failing(failures, '192.0.2.1', '', 99);
    expect(() => failures.refuseGuess('192.0.2.1', 'hf_test_right')).not.toThrow();
    failing(failures, '192.0.2.1', '', 1);
    expect(() => failures.refuseGuess('192.0.2.1', 'hf_test_right')).toThrow(/Too many/);
    expect(() => failures.refuseGuess('192.0.2.2', 'hf_test_right')).not.toThrow();
  });

  it('holds up no key that was accepted from there before, and no account token', () => {
    const failures = new FailedAuthentications(new Clock());
    failures.accepted('192.0.2.1', 'hf_test_neighbour');
    failing(failures, '192.0.2.1', '', 100);
    expect(() => failures.refuseGuess('192.0.2.1', 'hf_test_neighbour')).not.toThrow();
    expect(() => failures.refuseGuess('192.0.2.1', undefined)).not.toThrow();
    expect(() => failures.refuseGuess('192.0.2.1', 'hf_test_neighbours')).toThrow();
  });

  it('at one key from many addresses ends after a hundred; other keys are not concerned', () => {
    const clock = new Clock();
    const failures = new FailedAuthentications(clock);
    const statuses = Array.from(
      { length: 101 },
      (_, n) => failures.refusal(`10.0.0.${n}`, `hf_live_abcdef${n}`).status,
    );
    expect(statuses).toEqual([...Array<number>(100).fill(401), 429]);
    expect(() => failures.refuseGuess('10.0.1.1', 'hf_live_abcdefRight')).toThrow(/Too many/);
    expect(() => failures.refuseGuess('10.0.1.1', 'hf_live_abcdeXRight')).not.toThrow();
    clock.setOffset(60_001);
    expect(() => failures.refuseGuess('10.0.1.1', 'hf_live_abcdefRight')).not.toThrow();
  });

  it('is counted for a whole network of IPv6, and for one address of IPv4 however it is written', () => {
    const failures = new FailedAuthentications(new Clock());
    for (let n = 0; n < 50; n++) {
      failures.refusal(`2001:db8:1:2::${n.toString(16)}`);
      failures.refusal(`2001:0db8:1:2:${n}:5:6:7`);
      failures.refusal(n % 2 === 0 ? '::ffff:192.0.2.9' : '192.0.2.9');
    }
    expect(failures.refusal('2001:db8:1:2:ffff:ffff:ffff:ffff').status).toBe(429);
    expect(failures.refusal('2001:db8:1:3::1').status).toBe(401);
    failing(failures, '192.0.2.9', '', 50);
    expect(failures.refusal('::ffff:192.0.2.9').status).toBe(429);
  });

  it('remembers the keys that were used last, and no more than ten thousand', () => {
    const failures = new FailedAuthentications(new Clock());
    failures.accepted('192.0.2.1', 'hf_test_first');
    failures.accepted('192.0.2.1', 'hf_test_second');
    failures.accepted('192.0.2.1', 'hf_test_first');
    for (let n = 0; n < 9_999; n++) failures.accepted('192.0.2.1', `hf_test_${n}`);
    failing(failures, '192.0.2.1', '', 100);
    expect(() => failures.refuseGuess('192.0.2.1', 'hf_test_first')).not.toThrow();
    expect(() => failures.refuseGuess('192.0.2.1', 'hf_test_second')).toThrow();
  });
});
