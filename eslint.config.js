/** Flat configuration. The rules kept are those that catch what costs money; how the code looks is Prettier's business. */
import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

const NO_ENUM = {
  selector: 'TSEnumDeclaration',
  message: 'A union of string literals says the same, and is what the database and JSON hold.',
};
const NO_ENVIRONMENT = [
  {
    // A program hands the environment to `readConfig(process.env)` whole; nobody else looks into it.
    selector:
      "MemberExpression[object.name='process'][property.name='env']:not(CallExpression[callee.name='readConfig'] > MemberExpression)",
    message: 'Only libs/platform/config.ts reads the environment: it checks it at start, and names every fault.',
  },
  {
    selector: "ImportDeclaration[source.value=/^(node:)?process$/] ImportSpecifier[imported.name='env']",
    message: 'Only libs/platform/config.ts reads the environment: it checks it at start, and names every fault.',
  },
];

export default defineConfig(
  globalIgnores(['dist/', 'coverage/', '.data/', 'test/architecture/planted/', '**/*.openapi.d.ts']),
  { linterOptions: { reportUnusedDisableDirectives: 'error', reportUnusedInlineConfigs: 'error' } },
  js.configs.recommended,
  {
    files: ['**/*.{js,mjs}'],
    languageOptions: { globals: { console: 'readonly', performance: 'readonly', process: 'readonly' } },
  },
  {
    // Scripts for the browser are checked by tsc, each folder with a tsconfig.json of its own; the parts of Stripe.js share one scope.
    files: ['apps/stripe-sandbox/stripe-js/browser/*.js', 'apps/sample-shop/browser/*.js'],
    rules: { 'no-undef': 'off', 'no-unused-vars': ['error', { vars: 'local' }] },
  },
  {
    files: ['apps/stripe-sandbox/stripe-js/browser/*.js'],
    languageOptions: { sourceType: 'script' },
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
      // Inside try, a promise that is returned and not awaited skips the catch and the finally, and with them a rollback.
      '@typescript-eslint/return-await': ['error', 'error-handling-correctness-only'],
      // A `default` must not hide a payment status that was added later.
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: false, requireDefaultForNonUnion: true },
      ],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/prefer-promise-reject-errors': 'error',
      '@typescript-eslint/ban-ts-comment': [
        'error',
        { 'ts-ignore': true, 'ts-nocheck': true, 'ts-expect-error': 'allow-with-description' },
      ],
      // Knows decorator metadata: a class named only as the type of a constructor's parameter stays a value import.
      '@typescript-eslint/consistent-type-imports': 'off',
      '@typescript-eslint/no-import-type-side-effects': 'error',
      // Nest and TypeORM call methods that promise a Promise; not all of them have something to wait for.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-extraneous-class': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      // `!= null` is the one way to ask for null and undefined at once.
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': 'error',
      'no-empty': ['error', { allowEmptyCatch: false }],
      'no-restricted-syntax': ['error', NO_ENUM, ...NO_ENVIRONMENT],
    },
  },
  {
    files: ['apps/**/*.ts', 'libs/**/*.ts'],
    ignores: ['**/*.spec.ts'],
    rules: {
      'max-lines': ['error', { max: 350 }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    // Programs that speak to a terminal.
    files: [
      'apps/*/main.ts',
      'apps/stripe-sandbox/bench.main.ts',
      'apps/{start,demo,partners,audit}/**/*.ts',
      'test/**/*.ts',
    ],
    rules: { 'no-console': 'off' },
  },
  {
    // What `npm start` starts has its environment, and is handed more.
    files: [
      'libs/platform/config.ts',
      'apps/{stripe-sandbox,sample-shop}/main.ts',
      'apps/stripe-sandbox/bench.main.ts',
      'apps/start/programs.ts',
      'test/**/*.ts',
    ],
    rules: { 'no-restricted-syntax': ['error', NO_ENUM] },
  },
  {
    files: ['**/*.spec.ts', 'test/**/*.ts'],
    rules: {
      // `expect(service.method)` and answers read from JSON are the daily bread of a test.
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
);
