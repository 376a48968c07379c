import { parseArgs } from 'node:util';
import { CloseCaseDto, orderFileDto, stuckDto, type OperatorsService } from '#operators';
import { SETTLEMENTS } from '#cases';
import { validate } from '#http';
import { printFile, printStuck } from './print.js';

const USAGE = `npm run orders -- stuck [--json]               what needs a person, with the safe next step of each
npm run orders -- show ORDER [--json]          an order's money, its attempts at Stripe, and its timeline
npm run orders -- look ORDER [--json]          the same, after comparing it with Stripe and writing its missing jobs
npm run orders -- replay JOB                   try a dead job again, from the beginning
npm run orders -- close CASE [--settlement HOW]  close a case that you have dealt with; HOW: ${SETTLEMENTS.join(', ')},
                                               where its order stays in Delivered`;

/** The message is for the person at the terminal. */
export class UsageError extends Error {}

type Command = (operators: OperatorsService) => Promise<string>;

/** @throws UsageError before anything is opened */
export function readCommand(argv: readonly string[]): Command {
  const { values, positionals } = parsed(argv);
  const [name, id, ...rest] = positionals;
  const { json = false, settlement } = values;
  const shown = (value: object, text: () => string) => (json ? JSON.stringify(value) : text());
  if (rest.length > 0 || (name === 'stuck') !== (id === undefined)) throw new UsageError(USAGE);
  switch (name) {
    case 'stuck':
      return async (operators) => {
        const things = await operators.stuck();
        return shown(things.map(stuckDto), () => printStuck(things));
      };
    case 'show':
    case 'look':
      return async (operators) => {
        const file = await operators[name](id ?? '');
        return shown(orderFileDto(file), () => printFile(file));
      };
    case 'replay':
      return (operators) => operators.replay(id ?? '').then(() => 'It is in its queue.');
    case 'close':
      return (operators) =>
        operators
          .close(id ?? '', () => validate(CloseCaseDto, settlement === undefined ? {} : { settlement }))
          .then(() => 'Closed.');
    case undefined:
    default:
      throw new UsageError(USAGE);
  }
}

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: { json: { type: 'boolean', default: false }, settlement: { type: 'string' } },
    });
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  }
}
