import 'reflect-metadata';
import { readConfig } from '#platform';
import { runCommand } from './command.js';

// The signing secret may be absent: it is what registering is there to get.
const configuration = () => readConfig(process.env, ['STRIPE_WEBHOOK_SECRET']);

process.exitCode = await runCommand(process.argv.slice(2), configuration, console);
