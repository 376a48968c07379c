/** The longest delay setTimeout takes (2^31 - 1 ms); a longer wait is cut into pieces. */
const LONGEST_TIMEOUT_MS = 2_147_483_647;

interface Alarm {
  at: number;
  sequence: number;
  ring: () => void;
}

/**
 * The sandbox's own time: real time plus whatever was advanced. Everything that expires (holds, sessions, idempotency keys,
 * waits between webhook retries) is measured by it, so that a test can let eight days pass at once.
 *
 * Alarms live in a binary heap: setting one is O(log n), and asking whether any is due is O(1), because every request asks.
 */
export class Clock {
  private readonly heap: Alarm[] = [];
  private sequence = 0;
  private timer: NodeJS.Timeout | undefined;
  private timerAt = Infinity;
  private stopped = false;

  constructor(private offsetMs = 0) {}

  /** Milliseconds since 1970. */
  now(): number {
    return Date.now() + this.offsetMs;
  }

  /** Whole seconds since 1970, the unit of every `created` in Stripe's API. */
  seconds(): number {
    return Math.floor(this.now() / 1000);
  }

  get advancedMs(): number {
    return this.offsetMs;
  }

  /** Moves time on and rings every alarm that this makes due, oldest first. */
  advance(milliseconds: number): void {
    this.offsetMs += milliseconds;
    this.ringDue();
  }

  /** Back to real time with no alarms. */
  reset(): void {
    this.offsetMs = 0;
    this.heap.length = 0;
    this.cancelTimer();
  }

  /** Calls `ring` once, as soon as the clock has reached `at` (milliseconds since 1970). */
  alarm(at: number, ring: () => void): void {
    this.push({ at, sequence: this.sequence++, ring });
    this.arm();
  }

  /** Rings what is due. Called before every request, so that nobody sees a hold that has already run out. */
  ringDue(): void {
    for (let next = this.heap[0]; next !== undefined && next.at <= this.now(); next = this.heap[0]) {
      this.pop();
      next.ring();
    }
    this.arm();
  }

  stop(): void {
    this.stopped = true;
    this.heap.length = 0;
    this.cancelTimer();
  }

  private arm(): void {
    const next = this.heap[0];
    if (this.stopped || next === undefined) return;
    if (this.timer !== undefined && this.timerAt <= next.at - this.offsetMs) return;
    this.cancelTimer();
    this.timerAt = next.at - this.offsetMs;
    const wait = Math.min(Math.max(next.at - this.now(), 0), LONGEST_TIMEOUT_MS);
    this.timer = setTimeout(() => {
      this.cancelTimer();
      this.ringDue();
    }, wait);
    this.timer.unref();
  }

  private cancelTimer(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.timerAt = Infinity;
  }

  private push(alarm: Alarm): void {
    const { heap } = this;
    let index = heap.push(alarm) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.before(index, parent)) return;
      this.swap(index, parent);
      index = parent;
    }
  }

  private pop(): void {
    const { heap } = this;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    heap[0] = last;
    let index = 0;
    for (;;) {
      let first = index;
      for (const child of [2 * index + 1, 2 * index + 2])
        if (child < heap.length && this.before(child, first)) first = child;
      if (first === index) return;
      this.swap(index, first);
      index = first;
    }
  }

  private before(left: number, right: number): boolean {
    const [a, b] = [this.at(left), this.at(right)];
    return a.at < b.at || (a.at === b.at && a.sequence < b.sequence);
  }

  private swap(left: number, right: number): void {
    const [a, b] = [this.at(left), this.at(right)];
    this.heap[left] = b;
    this.heap[right] = a;
  }

  private at(index: number): Alarm {
    const alarm = this.heap[index];
    if (alarm === undefined) throw new RangeError(`no alarm at ${index}`);
    return alarm;
  }
}
