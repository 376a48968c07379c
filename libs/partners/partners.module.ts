import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { APP_GUARD } from '@nestjs/core';
import { PartnerEntity } from './partner.entity.js';
import { PartnerKeyEntity } from './partner-key.entity.js';
import { FulfillmentSecretsRepository } from './fulfillment-secrets.repository.js';
import { PartnerKeysRepository } from './partner-keys.repository.js';
import { Credentials } from './partners.credentials.js';
import { FailedAuthentications } from './partners.failures.js';
import { FulfillmentSecrets } from './partners.fulfillment-secrets.js';
import { AccessGuard } from './partners.guard.js';
import { KeyUse } from './partners.key-use.js';
import { PartnerKeys } from './partners.keys.js';
import { Origins } from './partners.origins.js';
import { Ownership } from './partners.ownership.js';
import { RateLimits } from './partners.rate-limits.js';
import { PartnersRepository } from './partners.repository.js';
import { PartnersService } from './partners.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([PartnerEntity, PartnerKeyEntity])],
  providers: [
    ...[FulfillmentSecretsRepository, PartnerKeysRepository, PartnersRepository],
    ...[Credentials, FailedAuthentications, FulfillmentSecrets, KeyUse, Origins, Ownership],
    ...[PartnerKeys, PartnersService, RateLimits],
    { provide: APP_GUARD, useClass: AccessGuard },
  ],
  exports: [Credentials, FulfillmentSecrets, Origins, Ownership, PartnerKeys, PartnersService],
})
export class PartnersModule {}
