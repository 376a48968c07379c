import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock, newId, type Tx } from '#platform';
import type { AccountEntity } from './account.entity.js';
import { ACCOUNT_NOT_FOUND } from './accounts.errors.js';
import { AccountsRepository, type Page } from './accounts.repository.js';
import type { CreateAccountDto } from './dto/create-account.dto.js';
import { Ownership } from '#partners';
import type { Owner } from '#partners';

@Injectable()
export class AccountsService implements OnModuleInit {
  constructor(
    private readonly repository: AccountsRepository,
    private readonly clock: Clock,
    private readonly ownership: Ownership,
  ) {}

  onModuleInit(): void {
    this.ownership.register('account', {
      parameter: 'accountId',
      notFound: ACCOUNT_NOT_FOUND,
      find: (owner, id) => this.find(owner, id === 'me' && owner.accountId ? owner.accountId : id),
    });
  }

  async find(owner: Owner, accountId: string, tx?: Tx): Promise<AccountEntity | undefined> {
    return this.repository.find(owner, accountId, tx);
  }

  /** The same reference again gives the account it named first; `created` tells which. */
  async create(
    tx: Tx,
    partnerId: string,
    dto: CreateAccountDto,
  ): Promise<{ account: AccountEntity; created: boolean }> {
    const { reference = null, email = null, name = null } = dto;
    const createdAt = this.clock.now();
    return this.repository.insert(tx, { accountId: newId('acc'), partnerId, reference, email, name, createdAt });
  }

  async list(partnerId: string, page: Page): Promise<AccountEntity[]> {
    return this.repository.list(partnerId, page);
  }
}
