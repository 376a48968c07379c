import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { HoldfastError, type Holdfast } from './holdfast.js';

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 30_000;

interface Registered {
  readonly url: string;
  readonly endpointId: string;
  readonly secret: string;
}

/**
 * This shop's address for Holdfast's notifications. Registering it shows the signing secret, once: it is kept in a file that
 * nobody else can read. A shop that starts again goes on with what it has; a file that was lost costs a new endpoint.
 */
export class NotificationEndpoint {
  private registered: Registered | undefined;

  constructor(
    private readonly holdfast: Holdfast,
    private readonly file: string,
  ) {}

  /** Unknown until it is registered. */
  get secret(): string | undefined {
    return this.registered?.secret;
  }

  /** Tries until Holdfast answers, which may start later than this shop. Ends early when it is told to. */
  async register(url: string, signal: AbortSignal): Promise<void> {
    for (let waitMs = FIRST_WAIT_MS; !signal.aborted; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
      try {
        return await this.ensure(url);
      } catch (error) {
        if (!(error instanceof HoldfastError)) throw error;
        process.stderr.write(`the address for notifications is not registered yet: ${error.message}\n`);
      }
      // Aborted: the loop ends by its own condition.
      await sleep(waitMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** However often it is done, and wherever it was broken off: one endpoint with this address, and its secret is here. */
  private async ensure(url: string): Promise<void> {
    const kept = await this.kept();
    const there = (await this.holdfast.notificationEndpoints()).filter((one) => one.url === url);
    const good = there.find(({ endpointId }) => endpointId === kept?.endpointId);
    // Without their secrets they are of no use: left behind by a start that was killed before it wrote the file.
    for (const { endpointId } of there) {
      if (endpointId !== good?.endpointId) await this.holdfast.removeNotificationEndpoint(endpointId);
    }
    if (good === undefined) return this.keep(await this.holdfast.createNotificationEndpoint(url));
    this.registered = kept;
    // Disabled when the shop was away for days: what was held back comes now.
    if (good.status === 'Disabled') await this.holdfast.enableNotificationEndpoint(good.endpointId);
  }

  private async kept(): Promise<Registered | undefined> {
    const text = await readFile(this.file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    return text === undefined ? undefined : (JSON.parse(text) as Registered);
  }

  private async keep(registered: Registered): Promise<void> {
    await mkdir(dirname(this.file), { recursive: true });
    const unfinished = `${this.file}.new`;
    await writeFile(unfinished, JSON.stringify(registered), { mode: 0o600 });
    await rename(unfinished, this.file);
    this.registered = registered;
  }
}
