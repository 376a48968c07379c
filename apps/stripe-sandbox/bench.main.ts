import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { measureCreations } from './bench.js';
import { SECRET_KEY } from './index.js';

/** `npm run sandbox:bench`: how many PaymentIntents one sandbox creates a second. The load comes from this process. */
const WARM_UP = { creations: 3_000, connections: 32 };
const ROUND = { creations: 5_000, connections: 32 };
const ROUNDS = 5;

async function main(): Promise<void> {
  const environment = { ...process.env, SANDBOX_PORT: '0', HOST: '127.0.0.1', WEBHOOK_URL: '', DATA_DIR: '' };
  const sandbox = spawn(process.execPath, [join(import.meta.dirname, 'main.js')], { env: environment });
  try {
    const url = await addressOf(sandbox);
    await measureCreations(url, SECRET_KEY, WARM_UP);
    const rounds = [];
    for (let round = 0; round < ROUNDS; round += 1) rounds.push(await measureCreations(url, SECRET_KEY, ROUND));
    const median = rounds.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? 0;
    console.log(
      `${Math.round(median)} PaymentIntents a second: one sandbox process, one thread, over HTTP with ` +
        `${ROUND.connections} kept-alive connections, the median of ${ROUNDS} rounds of ${ROUND.creations} ` +
        `(${rounds.map(Math.round).join(', ')}). Node ${process.version}, ${cpus()[0]?.model.trim() ?? 'an unknown processor'}.`,
    );
  } finally {
    sandbox.kill('SIGTERM');
    await once(sandbox, 'exit');
  }
}

/** The program says where it listens in its first line. */
async function addressOf(sandbox: ChildProcess): Promise<string> {
  const [line] = (await once(sandbox.stdout ?? sandbox, 'data')) as [Buffer];
  const url = /http:\/\/[\d.:]+/.exec(line.toString())?.[0];
  if (url === undefined) throw new Error(`the sandbox did not say where it listens: ${line.toString()}`);
  return url;
}

await main();
