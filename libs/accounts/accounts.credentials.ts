import { timingSafeEqual } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { jwtVerify, SignJWT } from 'jose';
import { Clock, CONFIG, Database, newId, randomText, Secrets, type Config, type Tx } from '#platform';
import { PartnerKeyEntity } from './partner-key.entity.js';
import type { Principal } from './accounts.principal.js';

const AUDIENCE = 'holdfast';
const ALGORITHM = 'HS256';
/** Works in sandbox mode only: a database of another mode never holds it, and the check does not rely on that. */
export const DEMO_KEY = 'hf_test_demo';

/** Partner keys and account tokens: made here, recognised here. */
@Injectable()
export class Credentials {
  constructor(
    private readonly database: Database,
    private readonly secrets: Secrets,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** @returns `undefined` for whatever is not valid, without saying why */
  async authenticate(credential: string | undefined): Promise<Principal | undefined> {
    if (credential === undefined) return undefined;
    return credential.startsWith('hf_') ? this.partnerOf(credential) : this.accountOf(credential);
  }

  /** Makes a partner key; it is stored as a keyed hash and can be shown this once only. */
  async createKey(tx: Tx, partnerId: string, key = `${this.keyPrefix()}${randomText(32)}`): Promise<string> {
    const [newest] = this.secrets.hashes('partner-key', key);
    if (!newest) throw new Error('no secret is configured');
    const row = {
      ...{ keyId: newId('key'), partnerId, keyHash: newest.hash, secretId: newest.id },
      ...{ hint: key.slice(-4), createdAt: this.clock.now(), revokedAt: null },
    };
    await tx.manager.createQueryBuilder().insert().into(PartnerKeyEntity).values(row).orIgnore().execute();
    return key;
  }

  /** @param seconds how long the token is valid, 60 to 86400 */
  async mintToken(
    account: { accountId: string; partnerId: string },
    seconds: number,
  ): Promise<{ token: string; expiresAt: Date }> {
    const now = Math.floor(this.clock.now().getTime() / 1000);
    const kid = this.secrets.newestId;
    const token = await new SignJWT({ partner: account.partnerId })
      .setProtectedHeader({ alg: ALGORITHM, kid })
      .setSubject(account.accountId)
      .setAudience(`${AUDIENCE}:${this.config.mode}`)
      .setIssuedAt(now)
      .setExpirationTime(now + seconds)
      .sign(this.tokenKey(kid));
    return { token, expiresAt: new Date((now + seconds) * 1000) };
  }

  private keyPrefix(): string {
    return this.config.mode === 'live' ? 'hf_live_' : 'hf_test_';
  }

  private async partnerOf(key: string): Promise<Principal | undefined> {
    if (!key.startsWith(this.keyPrefix()) || (key === DEMO_KEY && this.config.mode !== 'sandbox')) return undefined;
    const hashes = this.secrets.hashes('partner-key', key);
    const [row] = await this.database.query<{ keyId: string; partnerId: string; keyHash: Buffer }>(
      `SELECT key_id AS "keyId", partner_id AS "partnerId", key_hash AS "keyHash"
       FROM partner_keys WHERE key_hash = ANY($1) AND revoked_at IS NULL`,
      [hashes.map(({ hash }) => hash)],
    );
    // The index compares a hash that the caller cannot choose; this comparison is constant in time all the same.
    if (!row || !hashes.some(({ hash }) => timingSafeEqual(hash, row.keyHash))) return undefined;
    return { kind: 'partner', partnerId: row.partnerId, credentialId: row.keyId };
  }

  private async accountOf(token: string): Promise<Principal | undefined> {
    try {
      const { payload } = await jwtVerify(token, ({ kid }) => this.tokenKey(kid ?? ''), {
        algorithms: [ALGORITHM],
        audience: `${AUDIENCE}:${this.config.mode}`,
        requiredClaims: ['sub', 'exp', 'partner'],
        currentDate: this.clock.now(),
      });
      const accountId = payload.sub ?? '';
      return { kind: 'account', partnerId: String(payload.partner), accountId, credentialId: accountId };
    } catch {
      // Forged, altered, expired or meant for someone else: one answer for all of them.
      return undefined;
    }
  }

  private tokenKey(id: string): Uint8Array {
    const key = this.secrets.keyFor('account-token', id);
    if (!key) throw new Error('the token names a secret that is not listed');
    return new Uint8Array(key);
  }
}
