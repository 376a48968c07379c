/** `npm run queries`: writes docs/queries.sql from the code. With WRITE_QUERIES=1 the spec writes the file before it compares. */
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';

const child = spawn(process.execPath, [resolve('test/run.mjs'), 'test/architecture/queries.spec.ts'], {
  stdio: 'inherit',
  env: { ...process.env, WRITE_QUERIES: '1' },
});
child.on('close', (code) => (process.exitCode = code ?? 1));
