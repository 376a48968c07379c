import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { positionAt } from '#http';
import type { Owner } from '#partners';
import { within, type Tx } from '#platform';
import { AccountEntity } from './account.entity.js';

/** Newest first; a page starts after the cursor's row. */
export interface Page {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** The table `accounts`. */
@Injectable()
export class AccountsRepository {
  constructor(@InjectRepository(AccountEntity) private readonly rows: Repository<AccountEntity>) {}

  async find(owner: Owner, accountId: string, tx?: Tx): Promise<AccountEntity | undefined> {
    const query = within(this.rows, tx).createQueryBuilder('account');
    query.where({ accountId, partnerId: owner.partnerId });
    if (owner.accountId !== null) query.andWhere({ accountId: owner.accountId });
    return (await query.getOne()) ?? undefined;
  }

  /** Inserts an account, unless the partner has one with the same reference: then that one is returned. */
  async insert(tx: Tx, wanted: AccountEntity): Promise<{ account: AccountEntity; created: boolean }> {
    const { accountId, partnerId, reference, email, name, createdAt } = wanted;
    const [row] = await tx.query<{ accountId: string }>(
      `INSERT INTO accounts (account_id, partner_id, reference, email, name, created_at) VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (partner_id, reference) DO NOTHING RETURNING account_id AS "accountId"`,
      [accountId, partnerId, reference, email, name, createdAt],
    );
    const where = row ? { accountId: row.accountId } : { partnerId, reference: reference ?? '' };
    return { account: await tx.manager.findOneByOrFail(AccountEntity, where), created: row !== undefined };
  }

  /** One further than the page. */
  async list(partnerId: string, page: Page): Promise<AccountEntity[]> {
    const query = this.rows
      .createQueryBuilder('account')
      .where('account.partnerId = :partnerId', { partnerId })
      .orderBy({ 'account.createdAt': 'DESC', 'account.accountId': 'DESC' })
      .take(page.limit + 1);
    const after = positionAt(page.cursor);
    if (after) query.andWhere('(account.created_at, account.account_id) < (:createdAt, :id)', after);
    return query.getMany();
  }
}
