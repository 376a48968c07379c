import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';

const ROOT = resolve(import.meta.dirname, '../..');
const COMMITTED = 'apps/sample-shop/holdfast.openapi.d.ts';

test('the sample shop’s client is what `npm run shop:client` makes of openapi.json', async () => {
  const { scripts } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as {
    scripts: { 'shop:client': string };
  };
  const [program = '', ...args] = scripts['shop:client'].split(' ');
  const folder = await mkdtemp(join(tmpdir(), 'shop-client-'));
  const output = join(folder, 'client.d.ts');
  try {
    const command = join(ROOT, 'node_modules/.bin', program);
    const elsewhere = args.map((arg) => (arg === COMMITTED ? output : arg));
    expect(elsewhere).toContain(output);
    await promisify(execFile)(process.execPath, [command, ...elsewhere], { cwd: ROOT });
    expect(await readFile(output, 'utf8')).toBe(await readFile(join(ROOT, COMMITTED), 'utf8'));
  } finally {
    await rm(folder, { recursive: true });
  }
});
