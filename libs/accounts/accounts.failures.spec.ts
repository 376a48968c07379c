import { describe, expect, it } from '@jest/globals';
import { Clock } from '#platform';
import { FailedAuthentications } from './accounts.failures.js';

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
