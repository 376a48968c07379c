import 'reflect-metadata';
import { readConfig } from '#platform';
import { runPartners } from './run.js';

const exitCode = await runPartners(process.argv.slice(2), () => readConfig(process.env), console);
// Whatever failed may have left something open.
if (exitCode !== 0) process.exit(exitCode);
