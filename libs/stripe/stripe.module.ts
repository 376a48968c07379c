import { Global, Module } from '@nestjs/common';
import { SandboxClock } from './stripe.clock.js';
import { StripeGateway } from './stripe.gateway.js';
import { DatabaseStamp } from './stripe.stamp.js';
import { StripeStampRepository } from './stripe.stamp.repository.js';

@Global()
@Module({
  providers: [StripeGateway, DatabaseStamp, StripeStampRepository, SandboxClock],
  exports: [DatabaseStamp, StripeGateway],
})
export class StripeModule {}
