import { describe, expect, it } from '@jest/globals';
import { consequenceOf, isDelivered } from './notifications.retries.js';

const START = new Date('2026-11-23T10:00:00.000Z');
const HOUR = 3_600_000;

/** Every try of a message that is never taken, by an endpoint that takes nothing else either. */
function failures(options: { endpointTakesOthers: boolean }) {
  const tries: { afterSeconds: number; inOrder: boolean; end: string | undefined }[] = [];
  let [at, count, inOrder, failingSince] = [START, 0, true, null as Date | null];
  for (let round = 0; round < 100; round++) {
    const next = consequenceOf({
      ...{ at, statusCode: 500, tries: count, inOrder, firstTriedAt: START },
      failingSince: options.endpointTakesOthers ? null : failingSince,
    });
    const end = next.disable ?? (next.status === 'Failed' ? 'Failed' : undefined);
    tries.push({ afterSeconds: (at.getTime() - START.getTime()) / 1000, inOrder: next.inOrder, end });
    if (end) return tries;
    [at, count, inOrder, failingSince] = [next.dueAt, next.tries, next.inOrder, next.failingSince];
  }
  throw new Error('it is tried for ever');
}

describe('what follows from a failed try', () => {
  it('retries back off, the last one is after exactly three days, and then the endpoint is disabled', () => {
    const tries = failures({ endpointTakesOthers: false });
    expect(tries.slice(0, 9).map(({ afterSeconds }) => afterSeconds)).toEqual([
      0, 5, 35, 155, 755, 2555, 6155, 13355, 27755,
    ]);
    expect(tries.at(-1)).toMatchObject({ afterSeconds: 72 * 3600, end: 'failing' });
    expect(tries.slice(0, -1).filter(({ end }) => end)).toEqual([]);
    expect(tries).toHaveLength(18);
  });

  it('a message that an otherwise good endpoint never takes is given up after three days', () => {
    expect(failures({ endpointTakesOthers: true }).at(-1)).toMatchObject({ afterSeconds: 72 * 3600, end: 'Failed' });
  });

  it('later ones of its order wait for five tries, and then no longer', () => {
    expect(failures({ endpointTakesOthers: false }).map(({ inOrder }) => inOrder)).toEqual([
      ...[true, true, true, true],
      ...Array<boolean>(14).fill(false),
    ]);
    const early = {
      at: START,
      statusCode: undefined,
      tries: 0,
      inOrder: true,
      firstTriedAt: START,
      failingSince: null,
    };
    expect(consequenceOf(early).followersDueAt).toEqual(new Date(START.getTime() + 5000));
    expect(consequenceOf({ ...early, tries: 4 }).followersDueAt).toEqual(START);
  });

  it('410 disables at once, and the message waits', () => {
    const gone = { at: START, statusCode: 410, tries: 0, inOrder: true, firstTriedAt: START, failingSince: null };
    expect(consequenceOf(gone)).toMatchObject({ disable: 'gone', status: 'Pending' });
  });

  it('an endpoint that failed for less than three days stays', () => {
    const failingSince = new Date(START.getTime() - 72 * HOUR + 1);
    const late = { at: START, statusCode: 503, tries: 3, inOrder: false, firstTriedAt: START, failingSince };
    expect(consequenceOf(late).disable).toBeUndefined();
    expect(consequenceOf({ ...late, failingSince: new Date(failingSince.getTime() - 1) }).disable).toBe('failing');
  });

  it.each([
    [200, true],
    [204, true],
    [299, true],
    [199, false],
    [301, false],
    [410, false],
    [undefined, false],
  ])('the answer %s: delivered %s', (statusCode, delivered) => {
    expect(isDelivered(statusCode === undefined ? {} : { statusCode })).toBe(delivered);
  });
});
