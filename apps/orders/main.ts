import 'reflect-metadata';
import { readConfig } from '#platform';
import { runOrders } from './run.js';

const exitCode = await runOrders(process.argv.slice(2), () => readConfig(process.env), console);
// Whatever failed may have left something open.
if (exitCode !== 0) process.exit(exitCode);
