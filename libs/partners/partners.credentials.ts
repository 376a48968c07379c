import { Inject, Injectable } from '@nestjs/common';
import { jwtVerify, SignJWT } from 'jose';
import { Clock, CONFIG, Secrets, type Config } from '#platform';
import { KeyUse } from './partners.key-use.js';
import type { Principal } from './partners.principal.js';

const AUDIENCE = 'holdfast';
const ALGORITHM = 'HS256';

/** Whether a credential claims to be a partner key; everything else is taken for an account token. */
export const isPartnerKey = (credential: string): boolean => credential.startsWith('hf_');

/** Says who is calling; account tokens are made here too. */
@Injectable()
export class Credentials {
  constructor(
    private readonly keys: KeyUse,
    private readonly secrets: Secrets,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** @returns `undefined` for whatever is not valid, without saying why */
  async authenticate(credential: string | undefined): Promise<Principal | undefined> {
    if (credential === undefined) return undefined;
    return isPartnerKey(credential) ? this.partnerOf(credential) : this.accountOf(credential);
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

  private async partnerOf(credential: string): Promise<Principal | undefined> {
    const key = await this.keys.recognise(credential);
    return key && { kind: 'partner', partnerId: key.partnerId, scope: key.scope, credentialId: key.keyId };
  }

  private async accountOf(token: string): Promise<Principal | undefined> {
    if (!token.split('.').every(isCanonical)) return undefined;
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

/** Base64 has letters with bits that mean nothing: a token that was altered there would be valid still. */
function isCanonical(part: string): boolean {
  return Buffer.from(part, 'base64url').toString('base64url') === part;
}
