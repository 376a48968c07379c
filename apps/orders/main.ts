import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { OperatorsService } from '#operators';
import { ConfigError, Jobs, PlatformModule, Problem, readConfig } from '#platform';
import { openDatabase, ROOMS } from '../rooms.js';
import { readCommand, UsageError } from './command.js';

/** `npm run orders`: the operator at a terminal. */
async function main(): Promise<void> {
  const command = readCommand(process.argv.slice(2));
  const config = readConfig(process.env);
  const dataSource = await openDatabase(config).catch((error: unknown) => {
    throw new UsageError('The database cannot be reached: `npm start` runs it, or DATABASE_URL names it.', {
      cause: error,
    });
  });
  const modules = {
    module: class Orders {},
    imports: [PlatformModule.forRoot(config, dataSource, 'sender'), ...ROOMS],
  };
  const app = await NestFactory.createApplicationContext(modules, { logger: false, abortOnError: false });
  try {
    await app.get(Jobs).start();
    console.log(await command(app.get(OperatorsService)));
  } finally {
    await app.close();
  }
}

main().catch((error: unknown) => {
  const expected = [UsageError, ConfigError, Problem].some((kind) => error instanceof kind);
  console.error(expected && error instanceof Error ? error.message : error);
  process.exit(1);
});
