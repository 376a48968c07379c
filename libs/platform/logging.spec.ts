import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, expect, it } from '@jest/globals';

/** A program that logs when its standard input ends, and then exits, as ours do when they are told to. */
const PROGRAM = `
  import { pino } from 'pino';
  import { loggerOptions } from './libs/platform/logging.ts';
  const logger = pino(...loggerOptions({ logLevel: 'info' }, 'test').pinoHttp);
  logger.info('ready');
  process.stdin.resume().once('end', () => {
    logger.info('ending');
    logger.info('the end');
    process.exit(0);
  });`;

const children: ReturnType<typeof start>[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

function start() {
  return spawn(process.execPath, ['--input-type=module', '--eval', PROGRAM]);
}

it.each([true, false])('a program whose log is read (%s) or not ends when it exits', async (isRead) => {
  const child = start();
  children.push(child);
  let log = '';
  child.stdout.on('data', (data: Buffer) => (log += data.toString()));
  await once(child.stdout, 'data');
  if (!isRead) child.stdout.destroy();
  const closed = once(child, 'close');
  child.stdin.end();
  expect(await closed).toEqual([0, null]);
  expect(log.includes('the end')).toBe(isRead);
});
