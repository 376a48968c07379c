import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Clock, CONFIG, type Config } from '#platform';

/** Business time follows the sandbox's clock within a second. */
const POLL_MS = 400;

/** In sandbox mode, business time is the sandbox's: a week passes in one call. */
@Injectable()
export class SandboxClock implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    if (this.config.mode !== 'sandbox') return;
    await this.follow();
    this.timer = setInterval(() => void this.follow(), POLL_MS);
    this.timer.unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /** Asks now, for whoever cannot wait for the next look. */
  async follow(): Promise<void> {
    try {
      const response = await fetch(new URL('/_sandbox/clock', this.config.stripe.apiBase), {
        signal: AbortSignal.timeout(2000),
      });
      const { now } = (await response.json()) as { now: string };
      const offset = Date.parse(now) - Date.now();
      if (Number.isFinite(offset)) this.clock.setOffset(offset);
    } catch {
      // The sandbox is being restarted: its last offset is the best there is until it answers again.
      return;
    }
  }
}
