import { ApiProperty } from '@nestjs/swagger';
import type { AccountEntity } from '../account.entity.js';

export class AccountDto {
  @ApiProperty({ example: 'acc_5yZ1cM0q8TtXv2Jw9RkLbE7a' }) accountId: string;
  @ApiProperty({ type: String, nullable: true, example: 'customer-4711' }) reference: string | null;
  @ApiProperty({ type: String, nullable: true, example: 'ada@example.com' }) email: string | null;
  @ApiProperty({ type: String, nullable: true, example: 'Ada Lovelace' }) name: string | null;
  @ApiProperty({ example: '2026-11-23T10:00:00.000Z' }) createdAt: string;
}

export class AccountListDto {
  @ApiProperty({ type: [AccountDto] }) data: AccountDto[];
  @ApiProperty({ type: String, nullable: true }) nextCursor: string | null;
}

export class TokenDto {
  @ApiProperty({ required: false, description: 'Shown this once: a replay by Idempotency-Key is without it' })
  token?: string;
  @ApiProperty({ example: '2026-11-23T11:00:00.000Z' }) expiresAt: string;
}

export function accountDto(account: AccountEntity): AccountDto {
  const { accountId, reference, email, name, createdAt } = account;
  return { accountId, reference, email, name, createdAt: createdAt.toISOString() };
}
