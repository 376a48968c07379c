import { plannedDecline, type Decline } from '../payments/cards.js';

/** Faults that the controls ask for: how the next matching requests go wrong. */

export const FAULT_KINDS = [
  'error',
  'decline',
  'rate_limit',
  'lock_timeout',
  'drop_before',
  'drop_after',
  'delay',
  'hold',
  'garbage',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

export interface Fault {
  readonly method: string | null;
  /** The beginning of a path, or a regular expression when it has any of its signs. */
  readonly path: string | null;
  /** How many requests are still to go wrong. */
  times: number;
  readonly kind: FaultKind;
  readonly status: number | null;
  readonly code: string | null;
  readonly delayMs: number;
}

const REGULAR_EXPRESSION = /[\^$*+?()[\]|\\]/;

export class Faults {
  private faults: Fault[] = [];
  /** Requests that a `hold` keeps from being answered. */
  private readonly held: (() => void)[] = [];

  add(fault: Fault): void {
    this.faults.push(fault);
  }

  list(): readonly Fault[] {
    return this.faults;
  }

  /** Requests that are held go on. */
  clear(): void {
    this.faults = [];
    for (const release of this.held.splice(0)) release();
  }

  /** Resolves when the faults are cleared. */
  hold(): Promise<void> {
    return new Promise((resolve) => this.held.push(resolve));
  }

  /** The fault for a request, the oldest first; it is used up by being taken. */
  take(method: string, path: string): Fault | undefined {
    return this.use((fault) => fault.kind !== 'decline' && applies(fault, method, path));
  }

  /** The decline for a request, when it comes to asking a card for money. */
  takeDecline(method: string, path: string): Decline | null {
    const fault = this.use((candidate) => candidate.kind === 'decline' && applies(candidate, method, path));
    return fault === undefined ? null : plannedDecline(fault.code);
  }

  private use(matches: (fault: Fault) => boolean): Fault | undefined {
    const fault = this.faults.find(matches);
    if (fault === undefined) return undefined;
    fault.times -= 1;
    if (fault.times <= 0) this.faults = this.faults.filter((candidate) => candidate !== fault);
    return fault;
  }
}

function applies(fault: Fault, method: string, path: string): boolean {
  if (fault.method !== null && fault.method !== method) return false;
  if (fault.path === null) return true;
  return isPattern(fault.path) ? new RegExp(fault.path).test(path) : path.startsWith(fault.path);
}

export function isPattern(path: string): boolean {
  return REGULAR_EXPRESSION.test(path);
}
