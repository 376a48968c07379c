import { parseArgs } from 'node:util';
import {
  DEFAULT_OVERLAP_HOURS,
  MAXIMUM_OVERLAP_HOURS,
  type FulfillmentSecrets,
  type PartnerKeys,
  type PartnerSettings,
  type PartnersService,
} from '#partners';

const USAGE = `npm run partners -- create --name NAME
npm run partners -- list
npm run partners -- set PARTNER [--return-host HOST]… [--origin ORIGIN]… [--fulfillment-url URL] [--fulfillment-attempts N]
npm run partners -- rotate-fulfillment-secret PARTNER [--overlap-hours N]
npm run partners -- keys PARTNER
npm run partners -- create-key PARTNER [--read-only] [--name NAME]
npm run partners -- rotate-key KEY [--overlap-hours N]
npm run partners -- revoke-key KEY

Each with [--json]. A list that is given replaces the one before. KEY is the id that \`keys\` shows (key_…). A key itself is
shown once, when it is made. A rotated key works on for ${DEFAULT_OVERLAP_HOURS} hours beside the new one, unless told otherwise. The secret that
calls to a fulfilment address are signed with is shown once, when the first address is set, and when it is rotated; the former
one signs beside it until the overlap ends.`;

const OPTIONS = {
  name: { type: 'string' },
  json: { type: 'boolean', default: false },
  'return-host': { type: 'string', multiple: true },
  origin: { type: 'string', multiple: true },
  'fulfillment-url': { type: 'string' },
  'fulfillment-attempts': { type: 'string' },
  'read-only': { type: 'boolean', default: false },
  'overlap-hours': { type: 'string' },
} as const;

/** Which options a command takes beside `--json`; another one would be ignored, and is refused. */
const TAKES: Readonly<Record<string, readonly string[]>> = {
  create: ['name'],
  list: [],
  set: ['return-host', 'origin', 'fulfillment-url', 'fulfillment-attempts'],
  'rotate-fulfillment-secret': ['overlap-hours'],
  keys: [],
  'create-key': ['read-only', 'name'],
  'rotate-key': ['overlap-hours'],
  'revoke-key': [],
};

export class UsageError extends Error {}

export interface Rooms {
  readonly partners: PartnersService;
  readonly keys: PartnerKeys;
  readonly fulfillmentSecrets: FulfillmentSecrets;
}

/** What is to be done, and whether its answer is shown as JSON. */
export interface Command {
  readonly asJson: boolean;
  run(rooms: Rooms): Promise<object>;
}

type Values = ReturnType<typeof parsed>['values'];

/** @throws UsageError before anything is opened */
export function readCommand(args: string[]): Command {
  const { values, positionals } = parsed(args);
  const [name = '', subject, ...rest] = positionals;
  const given = Object.entries(values).filter(([option, value]) => option !== 'json' && value !== false);
  const taken = TAKES[name];
  const foreign = given.find(([option]) => !taken?.includes(option));
  if (taken && foreign) throw new UsageError(`${name} takes no --${foreign[0]}\n\n${USAGE}`);
  const run =
    rest.length > 0 ? undefined : (withoutSubject(name, subject, values) ?? withSubject(name, subject, values));
  if (!run) throw new UsageError(USAGE);
  return { run, asJson: values.json };
}

function parsed(args: string[]) {
  try {
    return parseArgs({ args, allowPositionals: true, options: OPTIONS });
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  }
}

function withoutSubject(name: string, subject: string | undefined, values: Values): Command['run'] | undefined {
  const { name: partnerName } = values;
  if (subject !== undefined) return undefined;
  if (name === 'list') return ({ partners }) => partners.list();
  return name === 'create' && partnerName ? ({ partners }) => partners.create(partnerName) : undefined;
}

function withSubject(name: string, subject: string | undefined, values: Values): Command['run'] | undefined {
  if (!subject) return undefined;
  switch (name) {
    case 'set': {
      const chosen = settings(values);
      return ({ partners }) => partners.set(subject, chosen);
    }
    case 'rotate-fulfillment-secret': {
      const hours = overlapHours(values);
      return ({ fulfillmentSecrets }) => fulfillmentSecrets.rotate(subject, hours);
    }
    case 'keys':
      return ({ keys }) => keys.list(subject);
    case 'create-key': {
      const scope = values['read-only'] ? 'read-only' : 'full';
      return ({ keys }) => keys.create(subject, { name: values.name, scope });
    }
    case 'rotate-key': {
      const hours = overlapHours(values);
      return ({ keys }) => keys.rotate(subject, hours);
    }
    case 'revoke-key':
      return ({ keys }) => keys.revoke(subject);
    default:
      return undefined;
  }
}

function settings(values: Values): PartnerSettings {
  const { origin, 'return-host': returnHosts, 'fulfillment-url': fulfillmentUrl } = values;
  const { 'fulfillment-attempts': attempts } = values;
  return {
    ...(returnHosts && { returnHosts }),
    ...(origin && { origins: origin }),
    ...(fulfillmentUrl !== undefined && { fulfillmentUrl }),
    // What is no number is refused with what is out of range.
    ...(attempts !== undefined && { fulfillmentAttempts: Number(/^\d+$/.test(attempts) ? attempts : NaN) }),
  };
}

function overlapHours({ 'overlap-hours': text }: Values): number {
  if (text === undefined) return DEFAULT_OVERLAP_HOURS;
  if (/^\d{1,3}$/.test(text) && Number(text) <= MAXIMUM_OVERLAP_HOURS) return Number(text);
  throw new UsageError(`--overlap-hours ${text}: must be whole hours from 0 to ${MAXIMUM_OVERLAP_HOURS}`);
}
