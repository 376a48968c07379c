import { Global, Module, type DynamicModule } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from './clock.js';
import type { Config } from './config.js';
import { Database } from './database.js';
import { Events } from './events.js';
import { Jobs } from './jobs.js';
import { Metrics } from './metrics.js';
import { Schedules } from './schedules.js';
import { Secrets } from './secrets.js';

/** Injected as `@Inject(CONFIG) config: Config`. */
export const CONFIG = Symbol('configuration');

/** What every module stands on; the open data source comes from the program that starts. */
@Global()
@Module({})
export class PlatformModule {
  static forRoot(config: Config, dataSource: DataSource, role: 'sender' | 'worker'): DynamicModule {
    const providers = [
      { provide: CONFIG, useValue: config },
      { provide: DataSource, useValue: dataSource },
      { provide: Secrets, useValue: new Secrets(config.secrets) },
      { provide: Jobs, useValue: new Jobs(config, role) },
      ...[Clock, Database, Events, Metrics, Schedules],
    ];
    return { module: PlatformModule, providers, exports: providers };
  }
}
