import { afterEach, expect, test } from '@jest/globals';
import { Clock } from './clock.js';

const clock = new Clock();
afterEach(() => clock.reset());

test('alarms ring in the order of their times, whatever the order in which they were set', () => {
  const rung: number[] = [];
  const start = clock.now();
  for (const minutes of [5, 1, 4, 2, 3]) clock.alarm(start + minutes * 60_000, () => rung.push(minutes));
  clock.advance(3.5 * 60_000);
  expect(rung).toEqual([1, 2, 3]);
  clock.advance(10 * 60_000);
  expect(rung).toEqual([1, 2, 3, 4, 5]);
});

test('alarms of the same time ring in the order in which they were set', () => {
  const rung: string[] = [];
  const at = clock.now() + 1000;
  for (const name of ['a', 'b', 'c']) clock.alarm(at, () => rung.push(name));
  clock.advance(1000);
  expect(rung).toEqual(['a', 'b', 'c']);
});

test('an alarm may set another that is already due', () => {
  const rung: string[] = [];
  const at = clock.now() + 1000;
  clock.alarm(at, () => {
    rung.push('first');
    clock.alarm(at + 1, () => rung.push('second'));
  });
  clock.advance(5000);
  expect(rung).toEqual(['first', 'second']);
});

test('an alarm rings by itself when real time reaches it', async () => {
  const keepsTheTestAlive = setInterval(() => undefined, 1000);
  await new Promise<void>((resolve) => clock.alarm(clock.now() + 5, resolve));
  clearInterval(keepsTheTestAlive);
  expect(clock.advancedMs).toBe(0);
});
