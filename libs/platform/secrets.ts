import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';

export interface SecretKey {
  readonly id: string;
  readonly key: Buffer;
}

const MINIMUM_BYTES = 32;

/** @throws Error when a pair is malformed, too short, or an id is used twice */
export function parseSecretKeys(pairs: string): SecretKey[] {
  const keys = pairs.split(',').map((pair) => {
    const match = /^([A-Za-z0-9_-]{1,32}):([A-Za-z0-9+/=_-]+)$/.exec(pair.trim());
    if (!match?.[1] || !match[2]) throw new Error('each pair is id:base64');
    const key = Buffer.from(match[2], 'base64');
    if (key.length < MINIMUM_BYTES) throw new Error(`the key "${match[1]}" is shorter than ${MINIMUM_BYTES} bytes`);
    return { id: match[1], key };
  });
  if (new Set(keys.map(({ id }) => id)).size !== keys.length) throw new Error('an id is used twice');
  return keys;
}

/**
 * What the secrets are used for. Each purpose has a key of its own, derived from the secret, so that a signature can
 * never be taken for a hash or a hash for an encryption key.
 */
type Purpose = 'account-token' | 'partner-key' | 'stored-secret';

/** The keyed primitives of the house: the newest secret writes, every listed one still reads. */
export class Secrets {
  private readonly derived = new Map<string, Buffer>();

  constructor(private readonly keys: readonly SecretKey[]) {}

  get newestId(): string {
    return this.newest().id;
  }

  /** The key of one purpose under one secret; `undefined` when the secret is no longer listed. */
  keyFor(purpose: Purpose, id: string): Buffer | undefined {
    const secret = this.keys.find((candidate) => candidate.id === id);
    if (!secret) return undefined;
    const name = `${purpose}:${id}`;
    const known = this.derived.get(name);
    if (known) return known;
    const key = Buffer.from(hkdfSync('sha256', secret.key, 'holdfast', purpose, 32));
    this.derived.set(name, key);
    return key;
  }

  /** HMAC-SHA256 under every listed secret, newest first: what a stored hash may look like. */
  hashes(purpose: Purpose, value: string): { id: string; hash: Buffer }[] {
    return this.keys.map(({ id }) => ({
      id,
      hash: createHmac('sha256', this.require(purpose, id)).update(value).digest(),
    }));
  }

  /** AES-256-GCM; the answer names its secret (`id.iv.tag.text`, base64url) so that it can be read after a rotation. */
  encrypt(plain: string): string {
    const { id } = this.newest();
    const iv = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.require('stored-secret', id), iv);
    const text = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
    return [id, ...[iv, cipher.getAuthTag(), text].map((part) => part.toString('base64url'))].join('.');
  }

  /** @throws Error when the value was altered or its secret is no longer listed */
  decrypt(stored: string): string {
    const [id = '', iv = '', tag = '', text = ''] = stored.split('.');
    const decipher = createDecipheriv('aes-256-gcm', this.require('stored-secret', id), Buffer.from(iv, 'base64url'));
    decipher.setAuthTag(Buffer.from(tag, 'base64url'));
    return Buffer.concat([decipher.update(Buffer.from(text, 'base64url')), decipher.final()]).toString('utf8');
  }

  private newest(): SecretKey {
    const [newest] = this.keys;
    if (!newest) throw new Error('no secret is configured');
    return newest;
  }

  private require(purpose: Purpose, id: string): Buffer {
    const key = this.keyFor(purpose, id);
    if (!key) throw new Error(`the secret "${id}" is not listed in HOLDFAST_SECRETS`);
    return key;
  }
}
