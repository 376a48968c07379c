import { Injectable } from '@nestjs/common';
import { Database, type Tx } from '#platform';

/** The table `fulfillment_secrets`: one secret of a partner has no end, those that it replaced have one. */
@Injectable()
export class FulfillmentSecretsRepository {
  constructor(private readonly database: Database) {}

  /** @returns false when the partner has a secret without an end */
  async insert(tx: Tx, partnerId: string, encrypted: string, createdAt: Date): Promise<boolean> {
    const inserted = await tx.query(
      `INSERT INTO fulfillment_secrets (partner_id, encrypted, created_at) VALUES ($1, $2, $3)
       ON CONFLICT (partner_id) WHERE expires_at IS NULL DO NOTHING RETURNING 1`,
      [partnerId, encrypted, createdAt],
    );
    return inserted.length === 1;
  }

  /** Gives the secret without an end one. @returns false when the partner has none */
  async expire(tx: Tx, partnerId: string, expiresAt: Date): Promise<boolean> {
    const replaced = await tx.query(
      'UPDATE fulfillment_secrets SET expires_at = $2 WHERE partner_id = $1 AND expires_at IS NULL RETURNING 1',
      [partnerId, expiresAt],
    );
    return replaced.length === 1;
  }

  /** Those that are valid, encrypted, the newest first. */
  async valid(partnerId: string, now: Date): Promise<string[]> {
    const rows = await this.database.query<{ encrypted: string }>(
      `SELECT encrypted FROM fulfillment_secrets WHERE partner_id = $1 AND (expires_at IS NULL OR expires_at > $2)
       ORDER BY fulfillment_secret_id DESC`,
      [partnerId, now],
    );
    return rows.map(({ encrypted }) => encrypted);
  }
}
