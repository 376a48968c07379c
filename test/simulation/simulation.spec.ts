import { describe, it } from '@jest/globals';
import { patience } from '../support/patience.js';
import { simulate } from './simulation.js';

/** `npm run simulate -- --runs N --seed S` sets both. */
const runs = Number(process.env.SIMULATION_RUNS ?? 100);
const seed = Number(process.env.SIMULATION_SEED ?? 1000);
const isLong = process.env.SIMULATION_RUNS !== undefined;
/** Against a run that hangs: what each run waits for has a limit of its own. */
const MINUTES_A_RUN = 1;
/** A failing run is made shorter before it is shown. */
const MINUTES_TO_SHORTEN = 10;
/** The longest that a timer of Node waits: 24 days. */
const LONGEST_MS = 2 ** 31 - 1;

describe('the simulation', () => {
  it(
    `keeps every promise in ${runs} runs from seed ${seed} on`,
    async () => {
      await simulate(runs, seed, (done) => {
        if (isLong && done % 20 === 0) process.stdout.write(`${done} runs\n`);
      });
    },
    Math.min(patience((runs * MINUTES_A_RUN + MINUTES_TO_SHORTEN) * 60_000), LONGEST_MS),
  );
});
