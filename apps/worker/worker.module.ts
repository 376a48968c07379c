import { Module, type DynamicModule } from '@nestjs/common';
import { LoggerModule } from 'nestjs-pino';
import { loggerOptions, PlatformModule, type Config } from '#platform';
import { MODULES } from '../modules.js';

/** The same rooms as the API, without HTTP: jobs. */
@Module({})
export class WorkerModule {
  static forRoot(config: Config): DynamicModule {
    return {
      module: WorkerModule,
      imports: [
        LoggerModule.forRoot(loggerOptions(config, 'worker')),
        PlatformModule.forRoot(config, 'worker'),
        ...MODULES,
      ],
    };
  }
}
