import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock, Database, newId, type Tx } from '#platform';
import { positionAt } from '#http';
import { AccountEntity } from './account.entity.js';
import { ACCOUNT_NOT_FOUND } from './accounts.errors.js';
import type { CreateAccountDto } from './dto/create-account.dto.js';
import { Ownership } from '#partners';
import type { Owner } from '#partners';

/** Newest first; a page starts after the cursor's row. */
export interface Page {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

@Injectable()
export class AccountsService implements OnModuleInit {
  constructor(
    private readonly database: Database,
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

  async find(owner: Owner, accountId: string, manager = this.database.manager): Promise<AccountEntity | undefined> {
    const query = manager.createQueryBuilder(AccountEntity, 'account');
    query.where({ accountId, partnerId: owner.partnerId });
    if (owner.accountId !== null) query.andWhere({ accountId: owner.accountId });
    return (await query.getOne()) ?? undefined;
  }

  /** The same reference again gives the account it named first; `created` tells which. */
  async create(
    tx: Tx,
    partnerId: string,
    dto: CreateAccountDto,
  ): Promise<{ account: AccountEntity; created: boolean }> {
    const [row] = await tx.query<{ accountId: string }>(
      `INSERT INTO accounts (account_id, partner_id, reference, email, name, created_at) VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (partner_id, reference) DO NOTHING RETURNING account_id AS "accountId"`,
      [newId('acc'), partnerId, dto.reference ?? null, dto.email ?? null, dto.name ?? null, this.clock.now()],
    );
    const where = row ? { accountId: row.accountId } : { partnerId, reference: dto.reference ?? '' };
    return { account: await tx.manager.findOneByOrFail(AccountEntity, where), created: row !== undefined };
  }

  async list(partnerId: string, page: Page): Promise<AccountEntity[]> {
    const query = this.database.manager
      .createQueryBuilder(AccountEntity, 'account')
      .where('account.partnerId = :partnerId', { partnerId })
      .orderBy({ 'account.createdAt': 'DESC', 'account.accountId': 'DESC' })
      .take(page.limit + 1);
    const after = positionAt(page.cursor);
    if (after) query.andWhere('(account.created_at, account.account_id) < (:createdAt, :id)', after);
    return query.getMany();
  }
}
