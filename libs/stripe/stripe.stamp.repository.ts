import { Injectable } from '@nestjs/common';
import { Database } from '#platform';

export interface Stamp {
  readonly mode: string;
  readonly account: string | null;
}

/** The one row of `database_stamp`. */
@Injectable()
export class StripeStampRepository {
  constructor(private readonly database: Database) {}

  /**
   * Writes the stamp when there is none, and the account where a stamp of this mode has none yet.
   * @returns the stamp that stands there now
   */
  async stamp(mode: string, accountId: string | null, now: Date): Promise<Stamp | undefined> {
    const [stamp] = await this.database.query<Stamp>(
      `INSERT INTO database_stamp AS s (mode, stripe_account_id, stamped_at) VALUES ($1, $2, $3)
       ON CONFLICT (is_only) DO UPDATE SET stripe_account_id =
         CASE WHEN s.mode = excluded.mode THEN coalesce(s.stripe_account_id, excluded.stripe_account_id) ELSE s.stripe_account_id END
       RETURNING mode, stripe_account_id AS account`,
      [mode, accountId, now],
    );
    return stamp;
  }

  async stampedAt(): Promise<Date | undefined> {
    const [stamp] = await this.database.query<{ at: Date }>('SELECT stamped_at AS at FROM database_stamp');
    return stamp?.at;
  }
}
