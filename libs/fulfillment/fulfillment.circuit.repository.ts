import { Injectable } from '@nestjs/common';
import { Database } from '#platform';

/** The table `fulfillment_circuits`: a row per address that failed since it last answered; by the database's clock. */
@Injectable()
export class FulfillmentCircuitRepository {
  constructor(private readonly database: Database) {}

  /** @returns the seconds until an open circuit may be probed, 0 or less once it may; `undefined` for a closed one */
  async secondsLeft(address: string): Promise<number | undefined> {
    const [circuit] = await this.database.query<{ seconds: number }>(
      `SELECT ceil(extract(epoch FROM open_until - now()))::int AS seconds FROM fulfillment_circuits
       WHERE address = $1 AND open_until IS NOT NULL`,
      [address],
    );
    return circuit?.seconds;
  }

  async close(address: string): Promise<void> {
    await this.database.query('DELETE FROM fulfillment_circuits WHERE address = $1', [address]);
  }

  /** Opens the circuit for a while once there were so many failures in a row. */
  async countFailure(address: string, failuresToOpen: number, openSeconds: number): Promise<void> {
    await this.database.query(
      `INSERT INTO fulfillment_circuits AS c (address, failures) VALUES ($1, 1) ON CONFLICT (address) DO UPDATE SET
         failures = c.failures + 1,
         open_until = CASE WHEN c.failures + 1 >= $2 THEN now() + make_interval(secs => $3) END`,
      [address, failuresToOpen, openSeconds],
    );
  }

  /** The open ones, the worst first. */
  async open(limit: number): Promise<{ address: string; failures: number; openUntil: Date }[]> {
    return this.database.query(
      `SELECT address, failures, open_until AS "openUntil" FROM fulfillment_circuits
       WHERE open_until IS NOT NULL ORDER BY failures DESC, address LIMIT $1`,
      [limit],
    );
  }

  async countOpen(): Promise<number> {
    const [row] = await this.database.query<{ count: number }>(
      'SELECT count(open_until)::int AS count FROM fulfillment_circuits',
    );
    return row?.count ?? 0;
  }

  /** @returns true for one caller at a time: the others find the circuit open again */
  async takeProbe(address: string, seconds: number): Promise<boolean> {
    const taken = await this.database.query(
      `UPDATE fulfillment_circuits SET open_until = now() + make_interval(secs => $2)
       WHERE address = $1 AND open_until <= now() RETURNING 1`,
      [address, seconds],
    );
    return taken.length === 1;
  }
}
