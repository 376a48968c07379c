import pg from 'pg';
import { DataSource } from 'typeorm';
import type { Config } from './config.js';

/** Sums of amounts are bigint in the database and stay far below 2^53, where a double is exact. */
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

/** Connections of one process; init, webhook and job workers together stay below it, a waiting caller holds none. */
const POOL_SIZE = 20;

export type { DataSource } from 'typeorm';

type Classes = readonly (abstract new (...parameters: never[]) => unknown)[];

/** @param migrations class list, oldest first: the file names carry the order, the list makes it visible */
export function createDataSource(config: Pick<Config, 'database'>, entities: Classes, migrations: Classes): DataSource {
  return new DataSource({
    type: 'postgres',
    url: config.database.url,
    entities: [...entities] as (new () => unknown)[],
    migrations: [...migrations] as (new () => unknown)[],
    migrationsTableName: 'migrations',
    migrationsTransactionMode: 'each',
    synchronize: false,
    logging: false,
    poolSize: POOL_SIZE,
    applicationName: 'holdfast',
    extra: { connectionTimeoutMillis: 10_000 },
  });
}
