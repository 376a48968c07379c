import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A partner key, of which only a keyed hash is stored. */
@Entity('partner_keys')
export class PartnerKeyEntity {
  @PrimaryColumn('text', { name: 'key_id' }) keyId: string;
  @Column('text', { name: 'partner_id' }) partnerId: string;
  @Column('bytea', { name: 'key_hash' }) keyHash: Buffer;
  /** The secret that the hash is keyed with. */
  @Column('text', { name: 'secret_id' }) secretId: string;
  /** The last four characters, for people who look for a key. */
  @Column('text') hint: string;
  @Column('timestamptz', { name: 'created_at' }) createdAt: Date;
  @Column('timestamptz', { name: 'revoked_at', nullable: true }) revokedAt: Date | null;
}
