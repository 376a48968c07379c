import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { AccessGuard } from './accounts.guard.js';
import { AccountsController } from './accounts.controller.js';
import { AccountsService } from './accounts.service.js';
import { Credentials } from './accounts.credentials.js';
import { FailedAuthentications } from './accounts.failures.js';
import { FulfillmentSecrets } from './accounts.fulfillment-secrets.js';
import { KeyUse } from './accounts.key-use.js';
import { PartnerKeys } from './accounts.keys.js';
import { Origins } from './accounts.origins.js';
import { Ownership } from './accounts.ownership.js';
import { PartnersService } from './accounts.partners.js';
import { RateLimits } from './accounts.rate-limits.js';

@Module({
  controllers: [AccountsController],
  providers: [
    ...[AccountsService, Ownership, PartnersService, PartnerKeys, KeyUse, Origins, FulfillmentSecrets],
    ...[Credentials, FailedAuthentications, RateLimits],
    { provide: APP_GUARD, useClass: AccessGuard },
  ],
  exports: [AccountsService, Ownership, PartnersService, PartnerKeys, Origins, FulfillmentSecrets],
})
export class AccountsModule {}
