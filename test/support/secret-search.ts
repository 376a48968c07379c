import type pg from 'pg';
import type { Json } from './api-client.js';

/** Shorter ones would be found by chance. */
const SHORTEST = 10;
/** Members of answers that are secrets, whoever answers. */
const SECRET_MEMBERS = ['token', 'clientSecret', 'client_secret', 'secret', 'key'];

/** Every secret that occurred, and whether a text holds one: as it stands, percent-encoded, in hexadecimal or in base64. */
export class SecretSearch {
  private readonly forms = new Map<string, string>();

  /** @param name for the report: the secret itself is not printed */
  learn(name: string, secret: string): void {
    if (secret.length < SHORTEST) throw new Error(`${name} is too short to be searched for`);
    const bytes = Buffer.from(secret);
    // Base64 of a longer text holds one of three forms of it, by where it begins; the ends depend on what stands beside it.
    const inBase64 = [0, 1, 2].map((shift) =>
      Buffer.concat([Buffer.alloc(shift), bytes])
        .toString('base64')
        .slice(shift === 0 ? 0 : 4)
        .replace(/=+$/, '')
        .slice(0, -2),
    );
    const forms = [secret, encodeURIComponent(secret), bytes.toString('hex'), ...inBase64];
    for (const form of [...forms, ...inBase64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'))]) {
      this.forms.set(form, name);
    }
  }

  /** Learns every secret of an answer, at any depth. */
  learnFrom(where: string, answer: Json): void {
    if (typeof answer !== 'object' || answer === null) return;
    for (const [name, value] of Object.entries(answer as Record<string, unknown>)) {
      if (SECRET_MEMBERS.includes(name) && typeof value === 'string') this.learn(`${name} of ${where}`, value);
      else this.learnFrom(where, value as Json);
    }
  }

  get names(): string[] {
    return [...new Set(this.forms.values())];
  }

  /** What is found in a text, each by its name and what stands around it. */
  in(where: string, text: string): string[] {
    return [...this.forms]
      .map(([form, name]) => ({ form, name, at: text.indexOf(form) }))
      .filter(({ at }) => at >= 0)
      .map(
        ({ form, name, at }) =>
          `${where}: ${name}: …${text.slice(Math.max(at - 100, 0), at)}[${form.length} characters]`,
      );
  }

  /** Every column of every row of every table, whoever made it. */
  async inDatabase(database: pg.Pool): Promise<string[]> {
    const { rows: tables } = await database.query<{ name: string }>(
      `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
       WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
    );
    const found: string[] = [];
    for (const { name } of tables) {
      const { rows } = await database.query<{ row: string }>(`SELECT to_jsonb(t)::text AS row FROM ${name} t`);
      found.push(...rows.flatMap(({ row }) => this.in(name, row)));
    }
    return found;
  }
}
