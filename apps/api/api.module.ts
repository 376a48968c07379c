import { Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER, APP_INTERCEPTOR } from '@nestjs/core';
import { LoggerModule } from 'nestjs-pino';
import { loggerOptions, PlatformModule, type Config } from '#platform';
import { ProblemFilter, QueryInterceptor } from '#http';
import { MODULES } from '../modules.js';
import { OperationsController } from './operations.controller.js';

/** The rooms with their controllers. */
@Module({})
export class ApiModule {
  static forRoot(config: Config, connects = true): DynamicModule {
    return {
      module: ApiModule,
      imports: [
        LoggerModule.forRoot(loggerOptions(config, 'api')),
        PlatformModule.forRoot(config, 'sender', connects),
        ...MODULES,
      ],
      controllers: [OperationsController],
      providers: [
        { provide: APP_FILTER, useClass: ProblemFilter },
        { provide: APP_INTERCEPTOR, useClass: QueryInterceptor },
      ],
    };
  }
}
