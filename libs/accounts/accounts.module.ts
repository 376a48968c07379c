import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { AccessGuard } from './accounts.guard.js';
import { AccountsController } from './accounts.controller.js';
import { AccountsService } from './accounts.service.js';
import { Credentials } from './accounts.credentials.js';
import { FailedAuthentications } from './accounts.failures.js';
import { Ownership } from './accounts.ownership.js';
import { PartnersService } from './accounts.partners.js';

@Module({
  controllers: [AccountsController],
  providers: [
    ...[AccountsService, Credentials, FailedAuthentications, Ownership, PartnersService],
    { provide: APP_GUARD, useClass: AccessGuard },
  ],
  exports: [AccountsService, Ownership, PartnersService],
})
export class AccountsModule {}
