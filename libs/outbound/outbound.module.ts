import { Global, Module } from '@nestjs/common';
import { CONFIG, Database, type Config } from '#platform';
import { Outbound } from './outbound.js';

@Global()
@Module({
  providers: [
    {
      provide: Outbound,
      useFactory: (config: Config, database: Database) => new Outbound(config, database),
      inject: [CONFIG, Database],
    },
  ],
  exports: [Outbound],
})
export class OutboundModule {}
