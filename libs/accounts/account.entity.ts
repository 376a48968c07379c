import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A partner's customer. */
@Entity('accounts')
export class AccountEntity {
  @PrimaryColumn('text', { name: 'account_id' }) accountId: string;
  @Column('text', { name: 'partner_id' }) partnerId: string;
  @Column('text', { nullable: true }) reference: string | null;
  @Column('text', { nullable: true }) email: string | null;
  @Column('text', { nullable: true }) name: string | null;
  @Column('timestamptz', { name: 'created_at' }) createdAt: Date;
}
