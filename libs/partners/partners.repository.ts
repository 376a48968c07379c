import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { Database, within, type Tx } from '#platform';
import { PartnerEntity } from './partner.entity.js';

/** The table `partners`. */
@Injectable()
export class PartnersRepository {
  constructor(
    private readonly database: Database,
    @InjectRepository(PartnerEntity) private readonly rows: Repository<PartnerEntity>,
  ) {}

  async insert(tx: Tx, partner: PartnerEntity): Promise<void> {
    await tx.manager.insert(PartnerEntity, partner);
  }

  /** Writes nothing when there is a partner of that id. */
  async insertIfMissing(tx: Tx, partner: PartnerEntity): Promise<void> {
    await tx.manager.createQueryBuilder().insert().into(PartnerEntity).values(partner).orIgnore().execute();
  }

  async update(tx: Tx, partnerId: string, changed: Partial<PartnerEntity>): Promise<void> {
    await tx.manager.update(PartnerEntity, { partnerId }, changed);
  }

  async exists(tx: Tx, partnerId: string): Promise<boolean> {
    return tx.manager.existsBy(PartnerEntity, { partnerId });
  }

  async find(partnerId: string, tx?: Tx): Promise<PartnerEntity | undefined> {
    return (await within(this.rows, tx).findOneBy({ partnerId })) ?? undefined;
  }

  /** The oldest first. */
  async list(): Promise<PartnerEntity[]> {
    return this.rows.find({ order: { createdAt: 'ASC' } });
  }

  /** Every origin that is registered, with the partners that registered it. */
  async origins(): Promise<{ origin: string; partners: string[] }[]> {
    return this.database.query(
      `SELECT origin, array_agg(partner_id) AS partners FROM partners, unnest(origins) AS origin GROUP BY origin`,
    );
  }
}
