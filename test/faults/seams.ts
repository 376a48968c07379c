import type { INestApplicationContext } from '@nestjs/common';
import { Database } from '#platform';
import { Outbound } from '#outbound';
import { StripeGateway } from '#stripe';

/** Where a process can die so that it makes a difference: between what it wrote, what it asked, and what it heard. */
export interface Seam {
  /** What was about to be done and from where in the code, with a number when the same was done before. */
  readonly name: string;
  /** before: it was not done. after: it was done, and nobody here heard so. */
  readonly side: 'before' | 'after';
}

/** Thrown into a dead process's face; a real one would not even hear that. */
export class Died extends Error {}

const FRAMES = 60;
const WRITES = /^\s*(INSERT|UPDATE|DELETE|WITH)\b/i;
/** The plumbing that every seam goes through says nothing about which one it is. */
const PLUMBING = /libs\/platform\/(database|schedules)\.ts|libs\/stripe\/|test\/faults\//;

type Act = () => Promise<unknown>;
type Method = (...parameters: unknown[]) => Promise<unknown>;

/**
 * Counts every commit, every statement that commits by itself, and every call to Stripe or a supplier that some programs
 * make, and lets them die at one of them: from then on nothing they do has an effect. The code under test knows nothing
 * of it, and a seam that is added to it is counted without being told.
 */
export class Seams {
  private names: string[] | undefined;
  private target: Seam | undefined;
  private dead = false;

  constructor(programs: readonly INestApplicationContext[]) {
    for (const program of programs) this.watch(program);
  }

  get isDead(): boolean {
    return this.dead;
  }

  /** Begins to count; with a target, everybody dies there. */
  arm(target?: Seam): void {
    this.names = [];
    this.target = target;
  }

  /** Ends counting, and whoever died is started anew. @returns the names of what was passed, in its order */
  disarm(): string[] {
    const names = this.names ?? [];
    this.names = undefined;
    this.target = undefined;
    this.dead = false;
    return names;
  }

  private watch(program: INestApplicationContext): void {
    const { dataSource } = program.get(Database, { strict: false });
    const createRunner = dataSource.createQueryRunner.bind(dataSource);
    dataSource.createQueryRunner = (mode) => {
      const runner = createRunner(mode);
      const query = runner.query.bind(runner) as unknown as Method;
      runner.query = ((...parameters: Parameters<typeof runner.query>) => {
        const [sql] = parameters;
        const act = () => query(...parameters);
        // What is open when its connection is lost is rolled back.
        if (sql === 'ROLLBACK') return act();
        const commits = sql === 'COMMIT' || (!runner.isTransactionActive && WRITES.test(sql));
        return commits ? this.pass(sql === 'COMMIT' ? 'commit' : 'write', act) : this.whileAlive(act);
      }) as typeof runner.query;
      return runner;
    };
    const gateway = program.get<Record<'read' | 'write', Method>>(StripeGateway, { strict: false });
    for (const name of ['read', 'write'] as const) {
      const method = gateway[name].bind(gateway);
      gateway[name] = (what, call) => this.pass(String(what), () => method(what, call));
    }
    const outbound = program.get<{ post: Method }>(Outbound, { strict: false });
    const post = outbound.post.bind(outbound);
    outbound.post = (...parameters) => this.pass('post', () => post(...parameters));
  }

  private async pass(what: string, act: Act): Promise<unknown> {
    const seam = this.names && `${what} < ${callers()}`;
    if (this.dead) throw new Died();
    if (this.names === undefined || seam === undefined) return act();
    const again = this.names.filter((known) => known.replace(/ #\d+$/, '') === seam).length;
    const name = again === 0 ? seam : `${seam} #${again + 1}`;
    this.names.push(name);
    const isHere = this.target?.name === name;
    if (isHere && this.target?.side === 'before') this.die(what);
    const result = await act();
    if (isHere) this.die(what);
    if (this.dead) throw new Died(what);
    return result;
  }

  private async whileAlive(act: Act): Promise<unknown> {
    if (this.dead) throw new Died();
    return act();
  }

  private die(what: string): never {
    this.dead = true;
    throw new Died(what);
  }
}

/** The two places of the house that the present call came from, the nearest first. */
function callers(): string {
  const before = Error.stackTraceLimit;
  Error.stackTraceLimit = FRAMES;
  const { stack = '' } = new Error();
  Error.stackTraceLimit = before;
  const frames = stack.split('\n').filter((line) => line.includes('/libs/') && !PLUMBING.test(line));
  const named = frames.map((line) => /at (?:async )?(?:new )?(\S+) /.exec(line)?.[1] ?? 'unknown');
  return [...new Set(named)].slice(0, 3).join(' < ');
}
