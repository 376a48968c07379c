import { randomInt } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Database } from '#platform';

/** So many failures in a row, with no answer between them, open the circuit of an address. */
const FAILURES_TO_OPEN = 5;
const OPEN_SECONDS = 10;
/** Who tries a half-open circuit is alone for as long as its call may take; if it dies, the next one tries. */
const PROBE_SECONDS = 15;
/** Those who wait for one address come back one after the other. */
const SPREAD_SECONDS = 5;

/**
 * An address that only fails is left alone for a while, by all workers: its items wait without being asked for, instead of
 * taking the time of those of others. After a while one item tries; its answer closes the circuit.
 */
@Injectable()
export class FulfillmentCircuit {
  constructor(private readonly database: Database) {}

  /** @returns 0 when the address may be called now, else after how many seconds to ask again */
  async admit(address: string): Promise<number> {
    const [circuit] = await this.database.query<{ seconds: number }>(
      `SELECT ceil(extract(epoch FROM open_until - now()))::int AS seconds FROM fulfillment_circuits
       WHERE address = $1 AND open_until IS NOT NULL`,
      [address],
    );
    if (!circuit) return 0;
    if (circuit.seconds <= 0 && (await this.takeProbe(address))) return 0;
    return Math.max(circuit.seconds, 1) + randomInt(SPREAD_SECONDS);
  }

  /** What a call came to: anything that was answered by a server that works closes the circuit. */
  async record(address: string, result: 'answers' | 'down'): Promise<void> {
    if (result === 'answers') {
      await this.database.query('DELETE FROM fulfillment_circuits WHERE address = $1', [address]);
      return;
    }
    await this.database.query(
      `INSERT INTO fulfillment_circuits AS c (address, failures) VALUES ($1, 1) ON CONFLICT (address) DO UPDATE SET
         failures = c.failures + 1,
         open_until = CASE WHEN c.failures + 1 >= $2 THEN now() + make_interval(secs => $3) END`,
      [address, FAILURES_TO_OPEN, OPEN_SECONDS],
    );
  }

  /** For people: the addresses that are left alone at present, the worst first. */
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

  /** Half-open: of all that come at once, one is let through. */
  private async takeProbe(address: string): Promise<boolean> {
    const taken = await this.database.query(
      `UPDATE fulfillment_circuits SET open_until = now() + make_interval(secs => $2)
       WHERE address = $1 AND open_until <= now() RETURNING 1`,
      [address, PROBE_SECONDS],
    );
    return taken.length === 1;
  }
}
