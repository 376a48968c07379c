import { availableParallelism } from 'node:os';
import { measureSlowness } from './test/support/jest/slowness.mjs';

/** Workers inherit it (test/support/patience.ts). */
process.env.TEST_SLOWNESS ??= String(measureSlowness());
const slowness = Number(process.env.TEST_SLOWNESS);

/** Half of a test file's time is waiting: a processor that keeps up serves two workers. */
const workersPerProcessor = slowness < 2 ? 2 : 1;

/** Node loads the TypeScript sources itself (test/support/jest): what one test file has loaded serves the next. */
export default {
  runtime: '<rootDir>/test/support/jest/runtime.cjs',
  testEnvironment: '<rootDir>/test/support/jest/environment.cjs',
  transform: {},
  // Jest resolves imports only to search for dependencies (`--findRelatedTests`).
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1', '^#(.+)$': '<rootDir>/libs/$1/index.ts' },
  // Planted sources are read by the architecture tests, never run.
  modulePathIgnorePatterns: ['<rootDir>/test/architecture/planted/'],
  roots: ['<rootDir>/apps', '<rootDir>/libs', '<rootDir>/test'],
  testMatch: ['**/*.spec.ts'],
  globalSetup: '<rootDir>/test/support/cluster.mjs',
  globalTeardown: '<rootDir>/test/support/cluster-stop.mjs',
  testSequencer: '<rootDir>/test/support/sequencer.mjs',
  maxWorkers: Math.min(availableParallelism(), 4) * workersPerProcessor,
  // What waits for a condition has a limit of its own, which says what was there instead; this one is for what hangs.
  testTimeout: 240_000 * slowness,
};
