import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { isIP, isIPv6 } from 'node:net';
import { join, resolve } from 'node:path';
import { parseSecretKeys, type SecretKey } from './secrets.js';

/** How this process runs; see {@link readMode}. A database is stamped with its mode and refuses another. */
export type Mode = 'sandbox' | 'test' | 'live';

export interface Config {
  readonly mode: Mode;
  readonly host: string;
  readonly port: number;
  /** Where a worker's metrics are read; `undefined`: nowhere. */
  readonly workerPort: number | undefined;
  /** Where embedded PostgreSQL, the sandbox and generated secrets are kept. */
  readonly dataDir: string;
  readonly database: {
    readonly url: string;
    /** Port of the embedded server; `undefined` when DATABASE_URL names a server of its own. */
    readonly embeddedPort: number | undefined;
  };
  readonly stripe: {
    readonly secretKey: string;
    readonly publishableKey: string;
    /** All of these are valid at once, so that a secret can be rolled without losing an event. */
    readonly webhookSecrets: readonly string[];
    /** Another address for Stripe's API (the sandbox); `undefined` means Stripe itself. */
    readonly apiBase: URL | undefined;
    /** Milliseconds before a call that was not answered, or that Stripe wants repeated, is sent once more. */
    readonly retryDelayMs: number;
  };
  /**
   * Milliseconds that a call to Stripe or to a partner's server may take, and that a request waits for another one that is at Stripe
   * for the same payment. Four times as long (reading and changing, each with its repetition) is less than a payment's lease and a job's try, 60 s.
   */
  readonly callTimeoutMs: number;
  /** Newest first: the first signs and encrypts, all of them verify and decrypt. */
  readonly secrets: readonly SecretKey[];
  readonly operatorKey: string | undefined;
  readonly times: Times;
  /** Requests in a minute, in each process; 0: no limit. */
  readonly rateLimits: { readonly perCredential: number; readonly perAddress: number };
  /** Addresses and networks of proxies whose `X-Forwarded-…` is believed; of nobody else's. */
  readonly trustedProxies: readonly string[];
  readonly sandboxPort: number;
  readonly shopPort: number;
  readonly logLevel: string;
}

/** How long the business waits; measured by its clock, which in sandbox mode can be moved on. */
export interface Times {
  /** An order that nobody touched for so long before it was paid is Expired. */
  readonly orderExpiryHours: number;
  /** How long Stripe's hosted page can be paid on. */
  readonly checkoutSessionMinutes: number;
  /** The partner is told so long before a reservation runs out. */
  readonly authorizationWarningHours: number;
  /** So long before a reservation runs out, what is delivered is charged, and nothing more is delivered. */
  readonly authorizationMarginHours: number;
  /** A refund that Stripe took, and that the card network leaves pending for so long, is put before an operator. */
  readonly refundPatienceDays: number;
  /** Real seconds between two looks for what no webhook told. */
  readonly reconcileSeconds: number;
}

/** Every fault of the environment at once; the process must not start. */
export class ConfigError extends Error {
  constructor(readonly faults: readonly string[]) {
    super(`The environment is not valid:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
    this.name = 'ConfigError';
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

const SANDBOX_SECRET_KEY = 'sk_test_holdfast';
const PLACEHOLDER =
  /^(sk|rk|pk)_(test|live)_(holdfast|x+|\.+|change.?me|your.*)$|^whsec_(holdfast.*|x+|\.+|change.?me)$|^(change.?me|secret|operator|x+|\.+)$/i;
const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];

/** sandbox: Stripe's key unset or the sandbox's; live: `sk_live_`, `rk_live_`; otherwise test. */
function readMode(secretKey: string | undefined): Mode {
  if (secretKey === undefined || secretKey === SANDBOX_SECRET_KEY) return 'sandbox';
  return /^(sk|rk)_live_/.test(secretKey) ? 'live' : 'test';
}

/**
 * Reads and checks the whole environment; the only place that does.
 * @param dispensable names that a program does not need, and that may be absent in every mode
 * @throws ConfigError naming every fault
 */
export function readConfig(environment: Environment, dispensable: readonly string[] = []): Config {
  const reader = new Reader(environment, dispensable);
  const secretKey = reader.text('STRIPE_SECRET_KEY');
  const mode = readMode(secretKey);
  const host = reader.text('HOST') ?? '127.0.0.1';
  const sandboxPort = reader.port('SANDBOX_PORT', 12111);
  const dataDir = resolve(reader.text('DATA_DIR') ?? '.data');
  const embeddedPort = reader.text('DATABASE_URL') ? undefined : reader.port('EMBEDDED_POSTGRES_PORT', 54320);
  const config: Config = {
    mode,
    host,
    port: reader.port('PORT', 3000),
    workerPort: reader.text('WORKER_PORT') === undefined ? undefined : reader.port('WORKER_PORT', 0),
    dataDir,
    database: {
      url: reader.databaseUrl() ?? `postgres://holdfast@127.0.0.1:${embeddedPort}/holdfast`,
      embeddedPort,
    },
    stripe: {
      secretKey: secretKey ?? SANDBOX_SECRET_KEY,
      publishableKey: reader.publishableKey(mode),
      webhookSecrets: reader.webhookSecrets(mode),
      apiBase: reader.apiBase(mode, `http://${reachable(host)}:${sandboxPort}`),
      // Half a second is the default of Stripe's own package.
      retryDelayMs: reader.whole('STRIPE_RETRY_DELAY_MS', 500, 1, 5000),
    },
    callTimeoutMs: 1000 * reader.whole('CALL_TIMEOUT_SECONDS', 10, 1, 14),
    secrets: reader.secrets(mode, dataDir),
    operatorKey: mode === 'sandbox' ? reader.text('OPERATOR_KEY') : reader.forMode(mode, 'OPERATOR_KEY', ''),
    times: reader.times(mode),
    rateLimits: {
      perCredential: reader.whole('RATE_LIMIT_PER_CREDENTIAL', mode === 'sandbox' ? 0 : 3_000, 0, 1_000_000),
      perAddress: reader.whole('RATE_LIMIT_PER_ADDRESS', mode === 'sandbox' ? 0 : 6_000, 0, 1_000_000),
    },
    trustedProxies: reader.networks('TRUST_PROXY'),
    sandboxPort,
    shopPort: reader.port('SHOP_PORT', 3001),
    logLevel: reader.oneOf('LOG_LEVEL', LOG_LEVELS, 'info'),
  };
  if (environment.NODE_ENV === 'production') refuseInProduction(config, reader);
  reader.throwFaults();
  return config;
}

function refuseInProduction(config: Config, reader: Reader): void {
  if (config.mode === 'sandbox')
    reader.fault('NODE_ENV=production does not run in sandbox mode: set STRIPE_SECRET_KEY');
  if (config.database.embeddedPort !== undefined)
    reader.fault('NODE_ENV=production does not run on the embedded database: set DATABASE_URL');
  const { secretKey, publishableKey, webhookSecrets } = config.stripe;
  for (const value of [secretKey, publishableKey, ...webhookSecrets, config.operatorKey ?? '']) {
    if (PLACEHOLDER.test(value))
      reader.fault(`NODE_ENV=production refuses the placeholder secret ${value.slice(0, 8)}…`);
  }
  for (const { id, key } of config.secrets) {
    if (new Set(key).size === 1) reader.fault(`NODE_ENV=production refuses the placeholder in HOLDFAST_SECRETS: ${id}`);
  }
}

/** How a program that listens there is named in an address; one that listens everywhere is found on this machine. */
export function reachable(host: string): string {
  if (['0.0.0.0', '::'].includes(host)) return '127.0.0.1';
  return isIPv6(host) ? `[${host}]` : host;
}

/** Collects faults instead of stopping at the first. */
class Reader {
  private readonly faults: string[] = [];

  constructor(
    private readonly environment: Environment,
    private readonly dispensable: readonly string[],
  ) {}

  fault(message: string): void {
    this.faults.push(message);
  }

  throwFaults(): void {
    if (this.faults.length > 0) throw new ConfigError(this.faults);
  }

  text(name: string): string | undefined {
    const value = this.environment[name]?.trim();
    return value === '' ? undefined : value;
  }

  port(name: string, fallback: number): number {
    return this.whole(name, fallback, 1, 65_535, 'a port');
  }

  whole(name: string, fallback: number, least: number, most: number, what = 'a whole number'): number {
    const value = this.text(name);
    if (value === undefined) return fallback;
    const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
    if (number >= least && number <= most) return number;
    this.fault(`${name} is "${value}"; it must be ${what} from ${least} to ${most}`);
    return fallback;
  }

  times(mode: Mode): Times {
    const times = {
      orderExpiryHours: this.whole('ORDER_EXPIRY_HOURS', 7 * 24, 1, 90 * 24),
      // Stripe takes 30 minutes to 24 hours; an unanswered create may be repeated half an hour later.
      checkoutSessionMinutes: this.whole('CHECKOUT_SESSION_MINUTES', 24 * 60, 60, 24 * 60),
      authorizationWarningHours: this.whole('AUTHORIZATION_WARNING_HOURS', 48, 1, 7 * 24),
      authorizationMarginHours: this.whole('AUTHORIZATION_MARGIN_HOURS', 12, 1, 7 * 24),
      refundPatienceDays: this.whole('REFUND_PATIENCE_DAYS', 14, 1, 90),
      reconcileSeconds: this.whole('RECONCILE_SECONDS', mode === 'sandbox' ? 5 : 60, 1, 3600),
    };
    if (times.authorizationMarginHours >= times.authorizationWarningHours)
      this.fault('AUTHORIZATION_WARNING_HOURS must be more than AUTHORIZATION_MARGIN_HOURS: a warning comes first');
    return times;
  }

  /** Neither "everybody" nor a number of hops: both would believe whoever comes past the proxy. */
  networks(name: string): readonly string[] {
    const networks =
      this.text(name)
        ?.split(',')
        .map((network) => network.trim()) ?? [];
    for (const network of networks.filter((entry) => !isNetwork(entry)))
      this.fault(`${name} has "${network}"; each entry must be an address or a network such as 10.0.0.0/8`);
    return networks;
  }

  oneOf(name: string, allowed: readonly string[], fallback: string): string {
    const value = this.text(name) ?? fallback;
    if (!allowed.includes(value)) this.fault(`${name} is "${value}"; it must be one of ${allowed.join(', ')}`);
    return value;
  }

  /** A value that sandbox mode has by itself and every other mode must be given. */
  forMode(mode: Mode, name: string, sandboxValue: string): string {
    const value = this.text(name);
    if (value !== undefined || mode === 'sandbox') return value ?? sandboxValue;
    if (!this.dispensable.includes(name)) this.fault(`${name} is required in ${mode} mode`);
    return '';
  }

  /** A key of the other mode would let a browser pay where nobody looks. */
  publishableKey(mode: Mode): string {
    const value = this.forMode(mode, 'STRIPE_PUBLISHABLE_KEY', 'pk_test_holdfast');
    const prefix = mode === 'live' ? 'pk_live_' : 'pk_test_';
    if (value !== '' && !value.startsWith(prefix))
      this.fault(`STRIPE_PUBLISHABLE_KEY must start with ${prefix} in ${mode} mode`);
    return value;
  }

  /** An empty secret is one that everybody knows. */
  webhookSecrets(mode: Mode): readonly string[] {
    const value = this.forMode(mode, 'STRIPE_WEBHOOK_SECRET', 'whsec_holdfast_sandbox');
    const secrets = value === '' ? [] : value.split(',').map((secret) => secret.trim());
    if (secrets.includes('')) this.fault('STRIPE_WEBHOOK_SECRET has an empty entry between its commas');
    return secrets;
  }

  databaseUrl(): string | undefined {
    const value = this.text('DATABASE_URL');
    if (value !== undefined && !/^postgres(ql)?:\/\//.test(value))
      this.fault('DATABASE_URL must start with postgres://');
    return value;
  }

  apiBase(mode: Mode, ofSandbox: string): URL | undefined {
    const value = this.text('STRIPE_API_BASE');
    if (value !== undefined && mode === 'live') this.fault('STRIPE_API_BASE is refused in live mode');
    if (value === undefined) {
      if (mode !== 'sandbox') return undefined;
      if (URL.canParse(ofSandbox)) return new URL(ofSandbox);
      this.fault('HOST must be an address of this machine, or its name');
      return undefined;
    }
    if (/^https?:\/\//.test(value) && URL.canParse(value)) return new URL(value);
    this.fault(`STRIPE_API_BASE is "${value}"; it must be an absolute http address`);
    return undefined;
  }

  secrets(mode: Mode, dataDir: string): readonly SecretKey[] {
    const value = this.text('HOLDFAST_SECRETS') ?? (mode === 'sandbox' ? keptSandboxSecret(dataDir) : undefined);
    if (value === undefined) {
      this.fault(`HOLDFAST_SECRETS is required in ${mode} mode: id:base64 pairs of 32 bytes or more, newest first`);
      return [];
    }
    try {
      return parseSecretKeys(value);
    } catch (error) {
      this.fault(`HOLDFAST_SECRETS: ${error instanceof Error ? error.message : String(error)}`);
      return [];
    }
  }
}

/** A network of every address would be everybody. */
function isNetwork(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return bits === undefined || (/^[1-9]\d{0,2}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}

/** Sandbox mode makes its own secret once and keeps it, so that a second start still reads what the first wrote. */
function keptSandboxSecret(dataDir: string): string {
  const file = join(dataDir, 'secrets');
  if (!existsSync(file)) {
    mkdirSync(dataDir, { recursive: true });
    try {
      writeFileSync(file, `sandbox:${randomBytes(32).toString('base64')}\n`, { mode: 0o600, flag: 'wx' });
    } catch (error) {
      // Another process of the same start was faster; its secret is the one to use.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
  return readFileSync(file, 'utf8').trim();
}
