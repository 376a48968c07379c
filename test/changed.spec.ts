import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { checksFor, specsFor } from './changed.mjs';

const ROOT = resolve(import.meta.dirname, '..');

const SPECS = [
  'apps/sample-shop/pages/words.spec.ts',
  'apps/stripe-sandbox/state/clock.spec.ts',
  'libs/orders/order.state-machine.spec.ts',
  'libs/payments/payments.decision.spec.ts',
  'test/architecture/tidy.spec.ts',
  'test/e2e/console.spec.ts',
  'test/e2e/sandbox-pages.spec.ts',
  'test/e2e/shop.cards.spec.ts',
  'test/e2e/shop.orders.spec.ts',
  'test/e2e/shop.spec.ts',
  'test/e2e/stripe-js.spec.ts',
  'test/faults/crashes.paying.spec.ts',
  'test/faults/processes.spec.ts',
  'test/integration/accounts.spec.ts',
  'test/integration/docs.spec.ts',
  'test/integration/http.headers.spec.ts',
  'test/integration/journey.spec.ts',
  'test/integration/openapi.spec.ts',
  'test/integration/operators.console.spec.ts',
  'test/integration/operators.spec.ts',
  'test/integration/orders.expiry.spec.ts',
  'test/integration/orders.spec.ts',
  'test/integration/payment-methods.spec.ts',
  'test/integration/payments.refunds-elsewhere.spec.ts',
  'test/integration/payments.refunds.spec.ts',
  'test/integration/payments.spec.ts',
  'test/sandbox/refunds.spec.ts',
  'test/sandbox/webhooks.spec.ts',
];

/** Without those of test/architecture, which always run. */
const chosen = (...changed: string[]): string[] =>
  specsFor(changed, SPECS).filter((spec) => !spec.startsWith('test/architecture/'));

/** The folders of apps/ or libs/. */
const foldersOf = (top: string): string[] =>
  readdirSync(join(ROOT, top), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);

const tree = ['apps', 'libs', 'test'].flatMap((top) =>
  readdirSync(join(ROOT, top), { recursive: true, encoding: 'utf8' })
    .map((name) => `${top}/${name}`)
    .filter((path) => path.endsWith('.spec.ts')),
);

describe('npm test -- --changed', () => {
  test.each([
    [
      'libs/orders/orders.service.ts',
      ['libs/orders/order.state-machine', 'test/integration/orders.expiry', 'test/integration/orders'],
    ],
    ['libs/payment-methods/index.ts', ['test/integration/payment-methods']],
    [
      'libs/refunds/refunds.service.ts',
      ['test/integration/payments.refunds-elsewhere', 'test/integration/payments.refunds'],
    ],
    ['libs/console/console.pages.ts', ['test/e2e/console', 'test/integration/operators.console']],
    [
      'apps/stripe-sandbox/payments/refunds.ts',
      ['apps/stripe-sandbox/state/clock', 'test/sandbox/refunds', 'test/sandbox/webhooks'],
    ],
    ['apps/stripe-sandbox/stripe-js/browser/api.js', ['apps/stripe-sandbox/state/clock', 'test/e2e/stripe-js']],
    [
      'apps/sample-shop/server.ts',
      ['apps/sample-shop/pages/words', 'test/e2e/shop.cards', 'test/e2e/shop.orders', 'test/e2e/shop'],
    ],
    ['apps/api/main.ts', ['test/integration/http.headers', 'test/integration/openapi']],
  ])('a change in %s runs the specs beside it and those named after its module', (path, expected) => {
    expect(chosen(path)).toEqual(expected.map((name) => `${name}.spec.ts`));
  });

  test.each(['libs/platform/jobs.ts', 'migrations/0001-orders.ts', 'test/support/eventually.ts'])(
    'a change in %s, which no spec is named after, runs the journey',
    (path) => {
      expect(chosen(path)).toEqual(['test/integration/journey.spec.ts']);
    },
  );

  test.each([
    ['test/integration/payments.spec.ts', ['test/integration/payments']],
    ['test/e2e/shop.fixture.ts', ['test/e2e/shop.cards', 'test/e2e/shop.orders', 'test/e2e/shop']],
    ['test/faults/drill.ts', ['test/faults/crashes.paying', 'test/faults/processes']],
    ['docs/operating.md', ['test/integration/docs']],
    ['README.md', ['test/integration/docs']],
    ['test/run.mjs', []],
    ['package.json', []],
  ])('a change in %s runs the specs that it serves', (path, expected) => {
    expect(chosen(path)).toEqual(expected.map((name) => `${name}.spec.ts`));
  });

  test('changes in several modules run the specs of each, and those of the architecture', () => {
    const specs = specsFor(['libs/accounts/index.ts', 'libs/payment-methods/index.ts'], SPECS);
    expect(specs).toEqual(
      ['architecture/tidy', 'integration/accounts', 'integration/payment-methods'].map(
        (name) => `test/${name}.spec.ts`,
      ),
    );
    expect(specsFor([], SPECS)).toEqual(['test/architecture/tidy.spec.ts']);
  });

  test('a module of the tree has specs of its own to run, and they are few', () => {
    const modules = ['apps', 'libs'].flatMap((top) => foldersOf(top).map((name) => `${top}/${name}/any.ts`));
    expect(modules.length).toBeGreaterThan(15);
    for (const path of modules) {
      const specs = specsFor([path], tree).filter((spec) => !spec.startsWith('test/architecture/'));
      expect([path, specs.length > 0, specs.every((spec) => tree.includes(spec))]).toEqual([path, true, true]);
      expect([path, specs.length < tree.length / 4]).toEqual([path, true]);
    }
  });

  test('the changed files are linted and formatted, and the whole is type-checked', () => {
    const scripts = { lint: 'oxlint', typecheck: 'tsc', formatted: 'oxfmt --check' };
    expect(checksFor(["libs/a'b.ts", 'README.md'], scripts)).toEqual({
      lint: `oxlint --no-error-on-unmatched-pattern 'libs/a'\\''b.ts'`,
      typecheck: 'tsc',
      formatted: `oxfmt --check --no-error-on-unmatched-pattern 'libs/a'\\''b.ts' 'README.md'`,
    });
    expect(checksFor(['README.md'], scripts)).not.toHaveProperty('lint');
    expect(checksFor([], scripts)).toEqual({ typecheck: 'tsc' });
  });
});
