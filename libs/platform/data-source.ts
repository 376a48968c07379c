import { AsyncLocalStorage } from 'node:async_hooks';
import pg from 'pg';
import { DataSource, DefaultNamingStrategy, type DataSourceOptions, type QueryRunner } from 'typeorm';
import type { Config } from './config.js';

/** Sums of amounts are bigint in the database and stay far below 2^53, where a double is exact. */
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

/** Connections of one process; init, webhook and job workers together stay below it, a waiting caller holds none. */
const POOL_SIZE = 20;

type Classes = readonly (abstract new (...parameters: never[]) => unknown)[];

/** `orderNumber` is the column `order_number`. */
class SnakeCaseNames extends DefaultNamingStrategy {
  override columnName(propertyName: string, customName: string | undefined): string {
    return customName ?? propertyName.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  }
}

/**
 * Refuses a second connection to code that holds one in a transaction, also to an injected repository: in an empty pool,
 * transactions would wait for each other.
 */
export class GuardedDataSource extends DataSource {
  private readonly inside = new AsyncLocalStorage<true>();

  override createQueryRunner(mode?: 'master' | 'slave'): QueryRunner {
    this.assertOutsideTransaction('a statement on a second connection');
    return super.createQueryRunner(mode);
  }

  insideTransaction<T>(work: () => Promise<T>): Promise<T> {
    return this.inside.run(true, work);
  }

  /** @throws Error within {@link insideTransaction} */
  assertOutsideTransaction(what: string): void {
    if (this.inside.getStore()) throw new Error(`${what} inside a transaction`);
  }
}

/** How every program connects; the entities are those that the modules register with `TypeOrmModule.forFeature`. */
export function dataSourceOptions(config: Pick<Config, 'database'>): DataSourceOptions {
  return {
    type: 'postgres',
    url: config.database.url,
    namingStrategy: new SnakeCaseNames(),
    synchronize: false,
    logging: false,
    poolSize: POOL_SIZE,
    applicationName: 'holdfast',
    extra: { connectionTimeoutMillis: 10_000 },
  };
}

/**
 * A data source without entities, not yet connected.
 * @param migrations class list, oldest first: the file names carry the order, the list makes it visible
 */
export function createDataSource(config: Pick<Config, 'database'>, migrations: Classes = []): GuardedDataSource {
  return new GuardedDataSource({
    ...dataSourceOptions(config),
    migrations: [...migrations] as (new () => unknown)[],
    migrationsTableName: 'migrations',
    migrationsTransactionMode: 'each',
  });
}
