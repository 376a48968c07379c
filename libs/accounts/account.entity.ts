import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A partner's customer. */
@Entity('accounts')
export class AccountEntity {
  @PrimaryColumn('text') accountId: string;
  @Column('text') partnerId: string;
  @Column('text', { nullable: true }) reference: string | null;
  @Column('text', { nullable: true }) email: string | null;
  @Column('text', { nullable: true }) name: string | null;
  @Column('timestamptz') createdAt: Date;
}
