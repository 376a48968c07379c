import { startSandbox, type Sandbox, type SandboxOptions } from '../../../apps/stripe-sandbox/index.js';
import type { ObservedAnswer, Observer } from '../../../apps/stripe-sandbox/observer.js';
import type { Violation } from './schema.js';
import { StripeTypes } from './stripe-types.js';

/** Enough to see what is wrong; one wrong field is wrong in every answer. */
const MOST_SHOWN = 20;

/** Compares whatever leaves a sandbox with the types of the `stripe` package, and remembers what differs. */
export class TypeWatch implements Observer {
  private readonly found = new Set<string>();

  constructor(private readonly types: StripeTypes) {}

  answered(answer: ObservedAnswer): void {
    this.add(`${answer.method} ${withoutIds(answer.path)}`, this.types.ofAnswer(answer));
  }

  delivered(body: string): void {
    this.add('webhook', this.types.ofObject(JSON.parse(body)));
  }

  /** @throws when anything differed */
  expectNothing(): void {
    if (this.found.size === 0) return;
    const shown = [...this.found].slice(0, MOST_SHOWN).join('\n');
    throw new Error(`The sandbox differs from what Stripe declares in ${this.found.size} places:\n${shown}`);
  }

  private add(where: string, violations: readonly Violation[]): void {
    for (const { path, reason } of violations) this.found.add(`${where}: ${path} ${reason}`);
  }
}

/** A sandbox for tests. Closing it fails, and with it the file, when any of its answers or events was not as declared. */
export async function startCheckedSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const watch = new TypeWatch(await StripeTypes.load());
  const sandbox = await startSandbox({ ...options, observer: watch });
  return {
    ...sandbox,
    async close() {
      await sandbox.close();
      watch.expectNothing();
    },
  };
}

function withoutIds(path: string): string {
  return path.replaceAll(/\/(?:[a-z]+_)+[0-9A-Za-z]{14,}/g, '/:id');
}
