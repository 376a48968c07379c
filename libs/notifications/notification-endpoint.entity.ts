import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A secret that was replaced, and signs beside the new one until then (business time, ISO 8601). */
export interface FormerSecret {
  readonly secret: string;
  readonly until: string;
}

/** `failing`: three days without success. `gone`: the endpoint itself answered 410. */
export type DisabledReason = 'failing' | 'gone';

/** Where a partner wants to hear what happens to its orders. */
@Entity('notification_endpoints')
export class NotificationEndpointEntity {
  @PrimaryColumn('text') endpointId: string;
  @Column('text') partnerId: string;
  @Column('text') url: string;
  /** `null`: every type, also those that are added later. */
  @Column('text', { array: true, nullable: true }) events: string[] | null;
  /** Encrypted, like the former ones. */
  @Column('text') secret: string;
  @Column('jsonb') formerSecrets: FormerSecret[];
  /** The first failure since it last answered with success. */
  @Column('timestamptz', { nullable: true }) failingSince: Date | null;
  @Column('timestamptz', { nullable: true }) disabledAt: Date | null;
  @Column('text', { nullable: true }) disabledReason: DisabledReason | null;
  @Column('timestamptz') createdAt: Date;
}
