import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** What is kept; a shop with a database keeps all of them, under a unique `webhook-id`. */
const MOST_KEPT = 5000;

export interface Notification {
  /** The `webhook-id`: the same however often it is sent. */
  readonly id: string;
  readonly type: string;
  readonly orderNumber: string | null;
  /** ISO 8601: when it came here. */
  readonly receivedAt: string;
}

/** What Holdfast has told this shop, each thing once, in a file of one line each. */
export class NotificationInbox {
  private readonly notifications = new Map<string, Notification>();
  private loaded: Promise<void> | undefined;

  constructor(private readonly file: string) {}

  /** Resolves when it is on disk. A repeated id changes nothing. @returns whether it is new */
  async add(notification: Notification): Promise<boolean> {
    await this.load();
    const { id } = notification;
    if (this.notifications.has(id)) return false;
    this.notifications.set(id, notification);
    try {
      // On a line of its own, also after one that a full disk left half written.
      await appendFile(this.file, `\n${JSON.stringify(notification)}`);
    } catch (error) {
      // Not kept, so it is not known: it will be sent again.
      this.notifications.delete(id);
      throw error;
    }
    const [oldest] = this.notifications.keys();
    if (this.notifications.size > MOST_KEPT && oldest !== undefined) this.notifications.delete(oldest);
    return true;
  }

  /** In the order in which they came. */
  async about(orderNumber: string): Promise<Notification[]> {
    await this.load();
    return [...this.notifications.values()].filter((one) => one.orderNumber === orderNumber);
  }

  private load(): Promise<void> {
    return (this.loaded ??= this.read());
  }

  private async read(): Promise<void> {
    await mkdir(dirname(this.file), { recursive: true });
    const text = await readFile(this.file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '';
      throw error;
    });
    const kept = text.split('\n').filter(isWhole).slice(-MOST_KEPT);
    for (const line of kept) {
      const notification = JSON.parse(line) as Notification;
      this.notifications.set(notification.id, notification);
    }
    await writeFile(this.file, kept.map((line) => `${line}\n`).join(''), { mode: 0o600 });
  }
}

/** A line may be half written, when the disk was full or the shop was killed; it was never answered with success. */
function isWhole(line: string): boolean {
  return line.startsWith('{') && line.endsWith('}');
}
