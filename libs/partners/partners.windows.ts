import { isIPv6 } from 'node:net';
import type { Clock } from '#platform';

interface Window {
  readonly count: number;
  readonly secondsLeft: number;
}

/**
 * Counts by name, in windows that begin with the first count of their name. Fixed windows let through twice the limit
 * around their border; what they cost is one number per name.
 */
export class Windows {
  private readonly windows = new Map<string, { count: number; endsAt: number }>();

  /** @param maximumNames remembered at once; the longest known one gives way, so that memory stays bounded */
  constructor(
    private readonly clock: Clock,
    private readonly seconds: number,
    private readonly maximumNames: number,
  ) {}

  /** Counts one more. */
  add(name: string): Window {
    const now = this.clock.now().getTime();
    const known = this.current(name, now);
    const window = known ?? { count: 0, endsAt: now + this.seconds * 1000 };
    window.count++;
    if (!known) this.remember(name, window);
    return { count: window.count, secondsLeft: Math.ceil((window.endsAt - now) / 1000) };
  }

  read(name: string): Window {
    const now = this.clock.now().getTime();
    const { count, endsAt } = this.current(name, now) ?? { count: 0, endsAt: now };
    return { count, secondsLeft: Math.ceil((endsAt - now) / 1000) };
  }

  /** A clock that was set back leaves no window longer than it was. */
  private current(name: string, now: number) {
    const known = this.windows.get(name);
    return known && known.endsAt > now && known.endsAt <= now + this.seconds * 1000 ? known : undefined;
  }

  private remember(name: string, window: { count: number; endsAt: number }): void {
    // Deleted first, so that the map stays in the order in which the windows began.
    this.windows.delete(name);
    const [oldest] = this.windows.keys();
    if (this.windows.size >= this.maximumNames && oldest !== undefined) this.windows.delete(oldest);
    this.windows.set(name, window);
  }
}

/** What one customer of an internet provider has: an IPv4 address, or a network of 2^64 IPv6 addresses. */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped?.[1]) return mapped[1];
  if (!isIPv6(address)) return address;
  const [front = [], back = []] = address.split('::').map((part) => part.split(':').filter((group) => group !== ''));
  const zeros = Array<string>(Math.max(0, 8 - front.length - back.length)).fill('0');
  const groups = [...front, ...zeros, ...back].slice(0, 4);
  return `${groups.map((group) => parseInt(group, 16).toString(16)).join(':')}::/64`;
}
