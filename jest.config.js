/** Jest runs the TypeScript sources as ES modules; `#room` resolves to its source through our own condition. */
export default {
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['holdfast-source', 'node', 'node-addons'] },
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': '@swc/jest' },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  // Planted sources are read by the architecture tests, never run.
  modulePathIgnorePatterns: ['<rootDir>/test/architecture/planted/'],
  roots: ['<rootDir>/apps', '<rootDir>/libs', '<rootDir>/test'],
  testMatch: ['**/*.spec.ts'],
  globalSetup: '<rootDir>/test/support/cluster.mjs',
  globalTeardown: '<rootDir>/test/support/cluster-stop.mjs',
  testSequencer: '<rootDir>/test/support/sequencer.mjs',
  // Each worker waits for its own database more than it computes: two keep a small machine busy.
  maxWorkers: 2,
  // Jest keeps what a file has loaded as ES modules: by the end a worker of three gigabytes was collecting garbage so long
  // that it missed its own end. A fresh one costs half a second.
  workerIdleMemoryLimit: '1GB',
  // Nothing takes that long but on a machine that does a great deal besides.
  testTimeout: 60_000,
};
