/** Jest runs the TypeScript sources as ES modules; `#room` resolves to its source through our own condition. */
export default {
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['holdfast-source', 'node', 'import', 'default'] },
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': '@swc/jest' },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  roots: ['<rootDir>/apps', '<rootDir>/libs', '<rootDir>/test'],
  testMatch: ['**/*.spec.ts'],
  testTimeout: 30_000,
};
