import { describe, it } from '@jest/globals';
import { simulate } from './simulation.js';

/** `npm run simulate -- --runs N --seed S` sets both. */
const runs = Number(process.env.SIMULATION_RUNS ?? 100);
const seed = Number(process.env.SIMULATION_SEED ?? 1000);
const isLong = process.env.SIMULATION_RUNS !== undefined;
const SECONDS_A_RUN = 60;
/** A failing run is made shorter before it is shown. */
const SECONDS_TO_SHORTEN = 240;

describe('the simulation', () => {
  it(
    `keeps every promise in ${runs} runs from seed ${seed} on`,
    async () => {
      await simulate(runs, seed, (done) => {
        if (isLong && done % 20 === 0) process.stdout.write(`${done} runs\n`);
      });
    },
    (runs * SECONDS_A_RUN + SECONDS_TO_SHORTEN) * 1000,
  );
});
