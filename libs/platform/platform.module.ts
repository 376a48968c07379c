import { Global, Module, type DynamicModule } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Clock } from './clock.js';
import type { Config } from './config.js';
import { dataSourceOptions, GuardedDataSource } from './data-source.js';
import { Database } from './database.js';
import { Events } from './events.js';
import { Jobs } from './jobs.js';
import { Metrics } from './metrics.js';
import { Schedules } from './schedules.js';
import { Secrets } from './secrets.js';

/** Injected as `@Inject(CONFIG) config: Config`. */
export const CONFIG = Symbol('configuration');

/** What every module stands on; it connects to the database while the program starts, and disconnects when it ends. */
@Global()
@Module({})
export class PlatformModule {
  /** @param connects false for a program that only reads what the modules are */
  static forRoot(config: Config, role: 'sender' | 'worker', connects = true): DynamicModule {
    const typeOrm = TypeOrmModule.forRootAsync({
      useFactory: () => ({
        ...dataSourceOptions(config),
        autoLoadEntities: true,
        manualInitialization: !connects,
        // A program that cannot connect says so and ends; what started it starts it again.
        toRetry: () => false,
      }),
      dataSourceFactory: (options = dataSourceOptions(config)) => Promise.resolve(new GuardedDataSource(options)),
    });
    const providers = [
      { provide: CONFIG, useValue: config },
      { provide: Secrets, useValue: new Secrets(config.secrets) },
      { provide: Jobs, useValue: new Jobs(config, role) },
      ...[Clock, Database, Events, Metrics, Schedules],
    ];
    return { module: PlatformModule, imports: [typeOrm], providers, exports: providers };
  }
}
