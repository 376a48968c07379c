import { createHmac, generateKeyPairSync, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  decodeJwt,
  decodeProtectedHeader,
  SignJWT,
  UnsecuredJWT,
  type JWTHeaderParameters,
  type JWTPayload,
} from 'jose';
import { Secrets } from '#platform';
import type { ApiClient } from '../support/api-client.js';
import { Holdfast } from '../support/holdfast.js';

const OLD = { id: 'old', key: randomBytes(32) };
const NEW = { id: 'new', key: randomBytes(32) };

let holdfast: Holdfast;
let accountId: string;
beforeAll(async () => {
  const environment = { HOLDFAST_SECRETS: `${OLD.id}:${OLD.key.toString('base64')}` };
  holdfast = await Holdfast.start({ worker: false, environment });
  accountId = await holdfast.api.createAccount();
});
afterAll(() => holdfast.stop());

const minted = async (api: ApiClient = holdfast.api): Promise<string> =>
  (await api.post(`/v1/accounts/${accountId}/tokens`, {})).body.token as string;
const statusOf = async (token: string, api: ApiClient = holdfast.api) =>
  (await api.as(token).get('/v1/accounts/me')).status;
const derived = (purpose: 'account-token' | 'partner-key' | 'stored-secret') =>
  new Uint8Array(new Secrets([OLD]).keyFor(purpose, 'old')!);

describe('an account token', () => {
  it('says for whom, by whom and where it is, until when, and under which secret: nothing of the customer', async () => {
    const token = await minted();
    const claims = decodeJwt(token);
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'HS256', kid: 'old' });
    expect(claims).toEqual({
      ...{ sub: accountId, partner: 'par_demo', aud: 'holdfast:sandbox' },
      ...{ iat: expect.any(Number), exp: claims.iat! + 3600 },
    });
  });

  it('of another algorithm is refused, whoever signed it and whatever key it brings', async () => {
    const claims = decodeJwt(await minted());
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const elliptic = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = Buffer.from(publicKey.export({ type: 'spki', format: 'pem' }));
    const der = publicKey.export({ type: 'spki', format: 'der' });
    const kid = 'old';
    const sign = (header: JWTHeaderParameters, key: Parameters<SignJWT['sign']>[0]) =>
      new SignJWT(claims).setProtectedHeader(header).sign(key);
    const own = derived('account-token');
    const [, payload, signature] = (await minted()).split('.');
    const header = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    /** Under our very key, but of another algorithm: only the list of algorithms refuses these. */
    const ownSignature = (alg: string, hash: string) => {
      const text = `${header({ alg, kid })}.${payload}`;
      return `${text}.${createHmac(hash, own).update(text).digest('base64url')}`;
    };
    expect(await statusOf(ownSignature('HS256', 'sha256'))).toBe(200);
    const wrong: Record<string, string> = {
      none: new UnsecuredJWT(claims).encode(),
      rs256: await sign({ alg: 'RS256', kid }, privateKey),
      es256: await sign({ alg: 'ES256', kid }, elliptic.privateKey),
      publicKeyAsSecret: await sign({ alg: 'HS256', kid }, pem),
      publicKeyBytesAsSecret: await sign({ alg: 'HS256', kid }, der),
      keyInHeader: await sign({ alg: 'RS256', kid, jwk: publicKey.export({ format: 'jwk' }) }, privateKey),
      keyByAddress: await sign({ alg: 'RS256', kid, jku: `${holdfast.api.url}/openapi.json` }, privateKey),
      rs256HeaderOverOurSignature: [header({ alg: 'RS256', kid }), payload, signature].join('.'),
      noneOverOurSignature: [header({ alg: 'NONE', kid }), payload, signature].join('.'),
      hs384: ownSignature('HS384', 'sha384'),
      hs512: ownSignature('HS512', 'sha512'),
      critical: [header({ alg: 'HS256', kid, crit: ['exp'], exp: 1 }), payload, signature].join('.'),
      noKeyId: await sign({ alg: 'HS256' }, own),
      keyIdOfNobody: await sign({ alg: 'HS256', kid: 'constructor' }, own),
      secretItself: await sign({ alg: 'HS256', kid }, new Uint8Array(OLD.key)),
      keyOfHashes: await sign({ alg: 'HS256', kid }, derived('partner-key')),
      keyOfStoredSecrets: await sign({ alg: 'HS256', kid }, derived('stored-secret')),
    };
    expect(await statusOf(await sign({ alg: 'HS256', kid }, own))).toBe(200);
    for (const [name, token] of Object.entries(wrong)) expect([name, await statusOf(token)]).toEqual([name, 401]);
  });

  it('of another audience, mode or partner, without an end, expired or not begun is refused', async () => {
    const claims = decodeJwt(await minted());
    const now = Math.floor(Date.now() / 1000);
    const { exp: _, ...endless } = claims;
    const sign = (changed: JWTPayload) =>
      new SignJWT(changed).setProtectedHeader({ alg: 'HS256', kid: 'old' }).sign(derived('account-token'));
    for (const changed of [
      ...['holdfast:live', 'holdfast:test', 'holdfast', 'other', ''].map((aud) => ({ ...claims, aud })),
      ...[endless, { ...claims, exp: now - 1 }, { ...claims, exp: 0 }, { ...claims, nbf: now + 600 }],
    ])
      expect([changed, await statusOf(await sign(changed))]).toEqual([changed, 401]);
    const { partnerId } = await holdfast.createPartner();
    for (const partner of [partnerId, 'par_unknown', '', 1])
      expect([partner, await statusOf(await sign({ ...claims, partner }))]).toEqual([partner, 404]);
  });

  it('any changed letter makes it another one', async () => {
    const token = await minted();
    // The last letter of 32 bytes in base64url carries four bits that count and two that do not.
    for (let at = 0; at < token.length - 1; at += 7) {
      const altered = `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`;
      expect([at, await statusOf(altered)]).toEqual([at, 401]);
    }
  });

  it('is one text: another spelling of the same signature is refused', async () => {
    const token = await minted();
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    // The last letter of 32 bytes has two bits that mean nothing: these four say the same.
    const first = Math.floor(letters.indexOf(token.at(-1) ?? '') / 4) * 4;
    const spellings = [...letters.slice(first, first + 4)].map((letter) => `${token.slice(0, -1)}${letter}`);
    expect(spellings).toContain(token);
    for (const text of [...spellings, `${token}=`, token.replace(/\.([^.]*)$/, '.=$1')]) {
      expect([text === token, await statusOf(text)]).toEqual([text === token, text === token ? 200 : 401]);
    }
  });
});

describe('signing secrets', () => {
  it('two overlap: tokens of both work; taking one away ends its tokens, and no other', async () => {
    const ofOld = await minted();
    const both = await holdfast.startApi({ secrets: [NEW, OLD] });
    const ofNew = await minted(both);
    expect(decodeProtectedHeader(ofNew).kid).toBe('new');
    expect([await statusOf(ofOld, both), await statusOf(ofNew, both)]).toEqual([200, 200]);

    const onlyNew = await holdfast.startApi({ secrets: [NEW] });
    expect([await statusOf(ofOld, onlyNew), await statusOf(ofNew, onlyNew)]).toEqual([401, 200]);
    const sameName = await holdfast.startApi({ secrets: [{ id: 'old', key: randomBytes(32) }, NEW] });
    expect([await statusOf(ofOld, sameName), await statusOf(ofNew, sameName)]).toEqual([401, 200]);
  });

  it('a process can learn to read a secret before any other begins to write with it', async () => {
    const learned = await holdfast.startApi({ secrets: [OLD, NEW] });
    const writing = await holdfast.startApi({ secrets: [NEW, OLD] });
    expect(await statusOf(await minted(writing), learned)).toBe(200);
    expect(await statusOf(await minted(learned), writing)).toBe(200);
  });
});
