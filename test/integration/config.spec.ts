import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { ConfigError, readConfig } from '#platform';
import { createApi } from '../../apps/api/api.js';
import { readCommand } from '../../apps/partners/command.js';
import { runPartners } from '../../apps/partners/run.js';
import { build, type Build } from '../e2e/started.js';
import { createTestDatabase } from '../support/database.js';
import { Holdfast } from '../support/holdfast.js';
import { COMPILED } from '../support/programs.js';
import { Terminal } from '../support/terminal.js';

const SECRET = `a:${Buffer.from('0123456789abcdef0123456789abcdef').toString('base64')}`;
const LIVE = {
  STRIPE_SECRET_KEY: 'sk_live_51Real',
  STRIPE_PUBLISHABLE_KEY: 'pk_live_51Real',
  STRIPE_WEBHOOK_SECRET: 'whsec_Real1, whsec_Real2',
  HOLDFAST_SECRETS: SECRET,
  OPERATOR_KEY: 'a-long-operator-key',
  DATABASE_URL: 'postgres://db.example/holdfast',
};

function faultsOf(environment: Record<string, string>): readonly string[] {
  try {
    readConfig({ HOLDFAST_SECRETS: SECRET, ...environment });
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
}

describe('the environment', () => {
  it('may be empty: sandbox mode with its defaults', () => {
    const config = readConfig({ HOLDFAST_SECRETS: SECRET });
    expect(config).toMatchObject({
      ...{ mode: 'sandbox', host: '127.0.0.1', port: 3000, sandboxPort: 12111, shopPort: 3001, operatorKey: undefined },
      database: { embeddedPort: 54320, url: 'postgres://holdfast@127.0.0.1:54320/holdfast' },
      stripe: { secretKey: 'sk_test_holdfast', apiBase: new URL('http://127.0.0.1:12111') },
    });
    expect(config.dataDir).toBe(resolve('.data'));
  });

  it.each([
    ['sk_test_holdfast', 'sandbox'],
    ['sk_test_51Real', 'test'],
    ['rk_test_51Real', 'test'],
    ['sk_live_51Real', 'live'],
    ['rk_live_51Real', 'live'],
  ])('with the key %s is %s mode', (STRIPE_SECRET_KEY, mode) => {
    const publishable = mode === 'live' ? 'pk_live_a' : 'pk_test_a';
    expect(readConfig({ ...LIVE, STRIPE_PUBLISHABLE_KEY: publishable, STRIPE_SECRET_KEY }).mode).toBe(mode);
  });

  it('names every fault at once', () => {
    const faults = faultsOf({
      ...{ PORT: '0', SANDBOX_PORT: '70000', SHOP_PORT: 'x', EMBEDDED_POSTGRES_PORT: '1.5', LOG_LEVEL: 'loud' },
      ...{ STRIPE_API_BASE: 'ftp://stripe', HOLDFAST_SECRETS: 'a:c2hvcnQ=', STRIPE_WEBHOOK_SECRET: 'whsec_a,,whsec_b' },
      STRIPE_PUBLISHABLE_KEY: 'pk_live_a',
    });
    const names = [
      'PORT',
      'SANDBOX_PORT',
      'SHOP_PORT',
      'EMBEDDED_POSTGRES_PORT',
      'LOG_LEVEL',
      'STRIPE_API_BASE',
      'HOLDFAST_SECRETS',
      'STRIPE_WEBHOOK_SECRET',
      'STRIPE_PUBLISHABLE_KEY',
    ];
    expect(faults.map((fault) => fault.split(/[ :]/)[0]).sort()).toEqual(names.sort());
    expect(faultsOf({ DATABASE_URL: 'mysql://x' })).toEqual([expect.stringContaining('DATABASE_URL')]);
  });

  it('must say everything outside sandbox mode', () => {
    const faults = faultsOf({ STRIPE_SECRET_KEY: 'sk_test_51Real', HOLDFAST_SECRETS: '' });
    const names = ['STRIPE_PUBLISHABLE_KEY', 'STRIPE_WEBHOOK_SECRET', 'OPERATOR_KEY', 'HOLDFAST_SECRETS'];
    expect(faults).toHaveLength(names.length);
    for (const name of names) expect(faults.join()).toContain(`${name} is required in test mode`);
  });

  it('keeps several webhook secrets, all of them valid', () => {
    expect(readConfig(LIVE).stripe.webhookSecrets).toEqual(['whsec_Real1', 'whsec_Real2']);
  });

  it.each([
    ['0.0.0.0', 'http://127.0.0.1:12111'],
    ['::', 'http://127.0.0.1:12111'],
    ['::1', 'http://[::1]:12111'],
    ['192.0.2.7', 'http://192.0.2.7:12111'],
  ])('the sandbox of HOST %s is called at %s', (HOST, address) => {
    expect(readConfig({ HOST, HOLDFAST_SECRETS: SECRET }).stripe.apiBase).toEqual(new URL(address));
  });

  it('a HOST that cannot be in an address is named', () => {
    expect(() => readConfig({ HOST: 'a b', HOLDFAST_SECRETS: SECRET })).toThrow(
      'HOST must be an address of this machine, or its name',
    );
  });

  it('may not name another Stripe in live mode', () => {
    expect(faultsOf({ ...LIVE, STRIPE_API_BASE: 'http://127.0.0.1:12111' })).toEqual([
      'STRIPE_API_BASE is refused in live mode',
    ]);
    expect(readConfig(LIVE).stripe.apiBase).toBeUndefined();
  });

  it.each([
    ['two equal ids', `${SECRET},${SECRET}`],
    ['no id', SECRET.slice(2)],
    ['31 bytes', `a:${Buffer.alloc(31, 7).toString('base64')}`],
    ['no base64', 'a:!!!'],
    ['an empty pair', `${SECRET},`],
  ])('with secrets of %s is refused', (_, HOLDFAST_SECRETS) => {
    expect(faultsOf({ HOLDFAST_SECRETS })).toEqual([expect.stringMatching(/^HOLDFAST_SECRETS: /)]);
  });
});

describe('NODE_ENV=production', () => {
  const production = (environment: Record<string, string>) =>
    faultsOf({ ...LIVE, NODE_ENV: 'production', ...environment });

  it('starts with real settings', () => {
    expect(production({})).toEqual([]);
  });

  it.each([
    ['sandbox mode', { STRIPE_SECRET_KEY: 'sk_test_holdfast', STRIPE_PUBLISHABLE_KEY: 'pk_test_real' }, /sandbox mode/],
    ['the embedded database', { DATABASE_URL: '' }, /embedded database/],
    ['a placeholder for Stripe’s key', { STRIPE_SECRET_KEY: 'sk_live_xxxx' }, /placeholder secret sk_live_/],
    [
      'a placeholder for the publishable key',
      { STRIPE_PUBLISHABLE_KEY: 'pk_live_your_key' },
      /placeholder secret pk_live_/,
    ],
    [
      'a placeholder for the webhook’s secret',
      { STRIPE_WEBHOOK_SECRET: 'whsec_holdfast_sandbox' },
      /placeholder secret whsec_ho/,
    ],
    ['a placeholder for the operator’s key', { OPERATOR_KEY: 'changeme' }, /placeholder secret changeme/],
    [
      'a secret of zeros',
      { HOLDFAST_SECRETS: `z:${Buffer.alloc(32).toString('base64')}` },
      /placeholder in HOLDFAST_SECRETS: z/,
    ],
  ])('refuses %s', (_, environment: Record<string, string>, fault) => {
    expect(production(environment).join('\n')).toMatch(fault);
  });
});

describe('the sandbox’s own secret', () => {
  const DATA_DIR = mkdtempSync(join(tmpdir(), 'holdfast-config-'));
  afterAll(() => rmSync(DATA_DIR, { recursive: true }));

  it('is made once, kept for its owner alone, and read by the next start', () => {
    const first = readConfig({ DATA_DIR: join(DATA_DIR, 'new') }).secrets;
    expect(first[0]?.key).toHaveLength(32);
    expect(readConfig({ DATA_DIR: join(DATA_DIR, 'new') }).secrets).toEqual(first);
    expect(statSync(join(DATA_DIR, 'new', 'secrets')).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(DATA_DIR, 'new', 'secrets'), 'utf8')).toMatch(/^sandbox:/);
    expect(readConfig({ DATA_DIR: join(DATA_DIR, 'other') }).secrets).not.toEqual(first);
  });

  it('is not made outside sandbox mode', () => {
    const directory = join(DATA_DIR, 'test');
    expect(() => readConfig({ DATA_DIR: directory, STRIPE_SECRET_KEY: 'sk_test_a' })).toThrow(ConfigError);
    expect(existsSync(directory)).toBe(false);
  });
});

describe('a database', () => {
  let holdfast: Holdfast;
  beforeAll(async () => {
    holdfast = await Holdfast.start({ worker: false });
  });
  afterAll(() => holdfast.stop());

  const stamp = () => holdfast.rows('SELECT mode, stripe_account_id FROM database_stamp');
  const startWith = (environment: Record<string, string>) =>
    createApi(readConfig({ ...LIVE, DATABASE_URL: holdfast.config.database.url, LOG_LEVEL: 'silent', ...environment }));
  const test = { STRIPE_SECRET_KEY: 'sk_test_51Real', STRIPE_PUBLISHABLE_KEY: 'pk_test_51Real' };
  const sandbox = () => ({ STRIPE_SECRET_KEY: '', STRIPE_PUBLISHABLE_KEY: '', STRIPE_API_BASE: holdfast.sandbox.url });

  it('made in another mode refuses to start, and stays as it is stamped', async () => {
    await holdfast.rows(`UPDATE database_stamp SET mode = 'test', stripe_account_id = NULL`);
    await expect(startWith(sandbox())).rejects.toThrow('the database belongs to test mode, and this is sandbox mode');
    expect(await stamp()).toEqual([{ mode: 'test', stripe_account_id: null }]);
    await holdfast.rows(`UPDATE database_stamp SET mode = 'sandbox'`);
    await expect(startWith({ ...test, STRIPE_API_BASE: holdfast.sandbox.url })).rejects.toThrow('this is test mode');
  });

  it('of another Stripe account refuses to start', async () => {
    await holdfast.rows(`UPDATE database_stamp SET stripe_account_id = 'acct_other'`);
    await expect(startWith(sandbox())).rejects.toThrow(/belongs to the Stripe account acct_other/);
  });
});

/** What the commands for keys print. */
type Made = Record<'partnerId' | 'keyId' | 'key' | 'oldKeyExpiresAt', string>;

describe('npm run partners', () => {
  let database: Awaited<ReturnType<typeof createTestDatabase>>;
  let built: Build;
  beforeAll(async () => {
    [database, built] = await Promise.all([createTestDatabase(), build()]);
  });
  afterAll(async () => {
    await database.drop();
    built.remove();
  });

  const settings = () => ({ DATABASE_URL: database.url, HOLDFAST_SECRETS: SECRET });
  /** What a person types. */
  function typed(...parameters: string[]) {
    const { PATH, HOME } = process.env;
    const { status, stdout, stderr } = spawnSync('npm', ['run', '--silent', 'partners', '--', ...parameters], {
      cwd: built.folder,
      env: { PATH, HOME, ...COMPILED, ...settings() },
      encoding: 'utf8',
    });
    return { status, stdout, error: stderr.replace(/^npm warn.*\n/gm, '') };
  }
  /** What the program runs, in this process. */
  async function partners(...parameters: string[]) {
    const terminal = new Terminal();
    const status = await runPartners(parameters, () => readConfig(settings()), terminal);
    return { status, stdout: terminal.stdout, error: terminal.stderr };
  }

  it('makes a partner, registers its settings, and lists it', async () => {
    const created = typed('create', '--name', 'Acme Tours', '--json');
    const { partnerId, key } = JSON.parse(created.stdout) as { partnerId: string; key: string };
    expect([partnerId, key]).toEqual([
      expect.stringMatching(/^par_\w{24}$/),
      expect.stringMatching(/^hf_test_\w{32}$/),
    ]);
    const chosen = [
      '--return-host',
      'shop.example',
      '--return-host',
      'www.shop.example:8443',
      '--origin',
      'https://shop.example',
      '--fulfillment-url',
      'http://127.0.0.1:9000/fulfil',
    ];
    expect(await partners('set', partnerId, ...chosen, '--json')).toMatchObject({ status: 0 });
    const listed = JSON.parse((await partners('list', '--json')).stdout) as object[];
    expect(listed).toContainEqual(
      expect.objectContaining({
        ...{ partnerId, name: 'Acme Tours', returnHosts: ['shop.example', 'www.shop.example:8443'] },
        ...{ origins: ['https://shop.example'], fulfillmentUrl: 'http://127.0.0.1:9000/fulfil' },
      }),
    );
    expect(JSON.stringify(listed)).not.toContain(key);
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    expect((await client.query('SELECT hint FROM partner_keys WHERE partner_id = $1', [partnerId])).rows).toEqual([
      { hint: key.slice(-4) },
    ]);
    await client.end();
  });

  it('makes, shows, rotates and revokes its keys; a key is shown once', async () => {
    const { partnerId, key } = JSON.parse((await partners('create', '--name', 'Keys', '--json')).stdout) as Made;
    expect(key).toMatch(/^hf_test_\w{32}$/);
    const ask = async (...parameters: string[]) => JSON.parse((await partners(...parameters, '--json')).stdout) as Made;
    const made = await ask('create-key', partnerId, '--read-only', '--name', 'reports');
    expect(made).toEqual({
      keyId: expect.stringMatching(/^key_\w{24}$/),
      key: expect.stringMatching(/^hf_test_\w{32}$/),
    });
    const rotated = await ask('rotate-key', made.keyId, '--overlap-hours', '3');
    expect(rotated).toMatchObject({ replaces: made.keyId, oldKeyExpiresAt: expect.any(String) });
    const overlap = Date.parse(rotated.oldKeyExpiresAt) - Date.now();
    expect(overlap).toBeGreaterThan(3 * 3_600_000 - 60_000);
    expect(overlap).toBeLessThanOrEqual(3 * 3_600_000);
    expect(await ask('revoke-key', rotated.keyId)).toMatchObject({ keyId: rotated.keyId, status: 'revoked' });
    const listing = (await partners('keys', partnerId, '--json')).stdout;
    expect(JSON.parse(listing)).toEqual([
      expect.objectContaining({ keyId: rotated.keyId, name: 'reports', scope: 'read-only', status: 'revoked' }),
      expect.objectContaining({ keyId: made.keyId, name: 'reports', scope: 'read-only', status: 'replaced' }),
      expect.objectContaining({
        ...{ name: 'first key', scope: 'full', status: 'active', hint: key.slice(-4), lastUsedAt: null },
        ...{ secretId: SECRET.split(':')[0], secretIsNewest: true },
      }),
    ]);
    for (const secret of [key, made.key, rotated.key]) expect(listing).not.toContain(secret);
  });

  it.each([
    [['rotate-key', 'key_a', '--overlap-hours', '721'], /^--overlap-hours 721: must be/],
    [['rotate-key', 'key_a', '--overlap-hours=-1'], /^--overlap-hours -1: must be/],
    [['revoke-key', 'key_a', '--read-only'], /^revoke-key takes no --read-only/],
    [['revoke-key', 'key_a', 'key_b'], /^npm run partners -- create/],
    [['keys'], /^npm run partners -- create/],
  ])('%j is refused before anything is opened', (parameters, message) => {
    expect(() => readCommand(parameters)).toThrow(message);
  });

  it.each([
    [
      'an unknown partner',
      ['set', 'par_unknown', '--origin', 'https://a.example'],
      /^there is no partner par_unknown\n$/,
    ],
    ['an unknown key', ['revoke-key', 'key_unknown'], /^there is no key key_unknown\n$/],
    ['no command', [], /^npm run partners -- create/],
    ['an unknown option', ['create', '--nam', 'x'], /--nam/],
    ['an origin that is none', ['set', 'par_demo', '--origin', 'https://a.example/path'], /--origin/],
    ['a host that is none', ['set', 'par_demo', '--return-host', 'https://a.example'], /--return-host/],
    ['an address that is none', ['set', 'par_demo', '--fulfillment-url', 'a.example'], /--fulfillment-url/],
    [
      'an address with credentials',
      ['set', 'par_demo', '--fulfillment-url', 'https://a:b@a.example'],
      /--fulfillment-url/,
    ],
  ])('says what is wrong with %s, and exits with 1', async (_, parameters, message) => {
    const { status, stdout, error } = await partners(...parameters);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(error).toMatch(message);
    expect(error).not.toMatch(/\n\s+at /);
  });

  it('says so as a program, too', () => {
    const { status, stdout, error } = typed('set', 'par_unknown', '--origin', 'https://a.example');
    expect({ status, stdout, error }).toEqual({ status: 1, stdout: '', error: 'there is no partner par_unknown\n' });
  });
});
