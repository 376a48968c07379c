import pg from 'pg';

/** Who is calling is asked for every call, and pg-boss reads its queues once a minute: neither is counted. */
const NOT_COUNTED = /\bpartner_keys\b|\bpgboss\./;

/** Listens to every statement that this process sends to PostgreSQL, from now until {@link end}. */
export class WatchedStatements {
  private readonly original = pg.Client.prototype.query;
  private seen: { text: string; values: readonly unknown[] }[] = [];

  constructor() {
    const { original, note } = this;
    pg.Client.prototype.query = function (this: pg.Client, ...parameters: unknown[]) {
      note(parameters);
      return Reflect.apply(original, this, parameters) as never;
    };
  }

  /** The statements of one piece of work, but those of authentication and of pg-boss. */
  async of<T>(
    work: () => Promise<T>,
  ): Promise<{ result: T; statements: { text: string; values: readonly unknown[] }[] }> {
    this.seen = [];
    const result = await work();
    return { result, statements: this.seen.filter(({ text }) => !NOT_COUNTED.test(text)) };
  }

  end(): void {
    pg.Client.prototype.query = this.original;
  }

  private readonly note = (parameters: unknown[]): void => {
    const [first, values] = parameters as [string | { text: string; values?: unknown[] }, unknown[] | undefined];
    const isText = typeof first === 'string';
    this.seen.push({ text: isText ? first : first.text, values: (isText ? values : first.values) ?? [] });
  };
}
