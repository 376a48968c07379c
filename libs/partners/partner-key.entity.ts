import { Column, Entity, PrimaryColumn } from 'typeorm';

/** `read-only`: may look at everything of its partner, and change nothing. The database checks the same list. */
export type KeyScope = 'full' | 'read-only';

/** A partner key, of which only a keyed hash is stored. */
@Entity('partner_keys')
export class PartnerKeyEntity {
  @PrimaryColumn('text') keyId: string;
  @Column('text') partnerId: string;
  @Column('text') name: string;
  @Column('text') scope: KeyScope;
  @Column('bytea') keyHash: Buffer;
  /** The secret that the hash is keyed with. */
  @Column('text') secretId: string;
  /** The last four characters, for people who look for a key. */
  @Column('text') hint: string;
  @Column('timestamptz') createdAt: Date;
  /** To the minute: it is written once a minute at most. */
  @Column('timestamptz', { nullable: true }) lastUsedAt: Date | null;
  /** Set when it was replaced by another key: the end of their overlap. */
  @Column('timestamptz', { nullable: true }) expiresAt: Date | null;
  @Column('timestamptz', { nullable: true }) revokedAt: Date | null;
}
