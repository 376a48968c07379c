import { Column, Entity, PrimaryColumn } from 'typeorm';

/** `read-only`: may look at everything of its partner, and change nothing. The database checks the same list. */
export type KeyScope = 'full' | 'read-only';

/** A partner key, of which only a keyed hash is stored. */
@Entity('partner_keys')
export class PartnerKeyEntity {
  @PrimaryColumn('text', { name: 'key_id' }) keyId: string;
  @Column('text', { name: 'partner_id' }) partnerId: string;
  @Column('text') name: string;
  @Column('text') scope: KeyScope;
  @Column('bytea', { name: 'key_hash' }) keyHash: Buffer;
  /** The secret that the hash is keyed with. */
  @Column('text', { name: 'secret_id' }) secretId: string;
  /** The last four characters, for people who look for a key. */
  @Column('text') hint: string;
  @Column('timestamptz', { name: 'created_at' }) createdAt: Date;
  /** To the minute: it is written once a minute at most. */
  @Column('timestamptz', { name: 'last_used_at', nullable: true }) lastUsedAt: Date | null;
  /** Set when it was replaced by another key: the end of their overlap. */
  @Column('timestamptz', { name: 'expires_at', nullable: true }) expiresAt: Date | null;
  @Column('timestamptz', { name: 'revoked_at', nullable: true }) revokedAt: Date | null;
}
