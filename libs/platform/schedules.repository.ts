import type { Database } from './database.js';

/** The table `schedules`: when each is due next. */
export class SchedulesRepository {
  constructor(private readonly database: Database) {}

  /** @returns true for one process each time that the schedule is due, by the database's clock */
  async claim(name: string, everySeconds: number): Promise<boolean> {
    const claimed = await this.database.query(
      `INSERT INTO schedules AS s (name, next_at) VALUES ($1, now() + make_interval(secs => $2))
       ON CONFLICT (name) DO UPDATE SET next_at = excluded.next_at WHERE s.next_at <= now() RETURNING name`,
      [name, everySeconds],
    );
    return claimed.length > 0;
  }
}
