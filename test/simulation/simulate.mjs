/** `npm run simulate -- --runs N --seed S`: the simulation for as long as one likes; without a seed another one each time. */
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { runs: { type: 'string', default: '1000' }, seed: { type: 'string' } } });
const whole = (name, text) => {
  if (/^\d{1,9}$/.test(text)) return text;
  console.error(`--${name} must be a whole number`);
  process.exit(1);
};
const runs = whole('runs', values.runs);
const seed = whole('seed', values.seed ?? String(Math.floor(Math.random() * 1e9)));
console.log(`${runs} runs from seed ${seed} on; again with: npm run simulate -- --runs ${runs} --seed ${seed}`);
const child = spawn(process.execPath, [resolve('test/run.mjs'), 'test/simulation/simulation.spec.ts'], {
  stdio: 'inherit',
  env: { ...process.env, SIMULATION_RUNS: runs, SIMULATION_SEED: seed },
});
child.on('close', (code) => (process.exitCode = code ?? 1));
