import { inspect } from 'node:util';
import fc from 'fast-check';
import { Holdfast } from '../support/holdfast.js';
import { brokenPromises, unfinished } from './promises.js';
import { FIRST_STEP, STEPS } from './steps.js';
import { World } from './world.js';

/** Runs on one service; more would make every look at all its books slow, and its cards' years run out. */
const RUNS_PER_SERVICE = 20;
/** Most of a run is waiting. */
const SERVICES_AT_ONCE = 3;
/** Without a bias towards short ones: a defect needs several steps, and what is found is made shorter afterwards. */
const LATER_STEPS = fc.noBias(fc.commands(STEPS, { maxCommands: 12, size: 'max' }));

/** A failing run is made shorter before it is shown, in as many tries at most: the same ones whenever it is played again. */
const MOST_TRIES = 150;

/** What went wrong in a run, with all that is needed to see it again. */
export class RunFailed extends Error {}

/**
 * Plays runs of random steps, each from a seed of its own, so that one of them can be played again by itself.
 * @param seed of the first run; each later one has the next number
 * @throws RunFailed for the earliest that broke a promise, with the shortest steps that do
 */
export async function simulate(runs: number, seed: number, onRun?: (done: number) => void): Promise<void> {
  const failures: { run: number; error: unknown }[] = [];
  let next = 0;
  let done = 0;
  const lane = async () => {
    while (next < runs && failures.length === 0) {
      const first = next;
      next = Math.min(first + RUNS_PER_SERVICE, runs);
      const last = next;
      let run = first;
      const play = async (holdfast: Holdfast) => {
        for (; run < last && failures.length === 0; run++) {
          await simulateOnce(holdfast, seed + run);
          onRun?.(++done);
        }
      };
      await onService(play).catch((error: unknown) => failures.push({ run, error }));
    }
  };
  await Promise.all(Array.from({ length: SERVICES_AT_ONCE }, lane));
  const [earliest] = failures.sort((a, b) => a.run - b.run);
  if (earliest) throw earliest.error;
}

async function onService(play: (holdfast: Holdfast) => Promise<void>): Promise<void> {
  const holdfast = await Holdfast.start();
  try {
    await play(holdfast);
  } finally {
    await holdfast.stop();
  }
}

async function simulateOnce(holdfast: Holdfast, seed: number): Promise<void> {
  let lastLog: readonly string[] = [];
  let failed = false;
  let tries = 0;
  const property = fc.asyncProperty(FIRST_STEP, LATER_STEPS, async (first, steps) => {
    if (failed && ++tries > MOST_TRIES) return;
    const world = new World(holdfast);
    lastLog = world.log;
    try {
      await first.run({}, world);
      await fc.asyncModelRun(() => ({ model: {}, real: world }), steps);
      await world.heal();
      expectNothing(await brokenPromises(world));
      await world.end(unfinished);
      expectNothing([...(await brokenPromises(world)), ...(await unfinished(world))]);
    } catch (error) {
      failed = true;
      throw error;
    } finally {
      // The next run, or a shorter one of the same failure, begins on a service that is well.
      await world.heal().catch((error: unknown) => world.say(`not healed: ${String(error)}`));
    }
  });
  const details = await fc.check(property, { seed, numRuns: 1 });
  if (!details.failed) return;
  const steps = fc
    .stringify(details.counterexample)
    .replace(/^\[|\]$/g, '')
    .split(/,(?=[a-z])/);
  throw new RunFailed(
    [
      `The run with seed ${seed} broke a promise. Again: npm run simulate -- --runs 1 --seed ${seed}`,
      `The shortest steps that do, of ${details.numShrinks + 1} that were found:`,
      ...steps.map((line) => `  ${line}`),
      'What was answered in the last try:',
      ...lastLog.map((line) => `  ${line}`),
      inspect(details.errorInstance),
    ].join('\n'),
  );
}

function expectNothing(broken: readonly string[]): void {
  if (broken.length > 0) throw new Error([...new Set(broken)].join('\n'));
}
