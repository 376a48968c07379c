import { Injectable, Logger } from '@nestjs/common';
import { PartnersRepository } from './partners.repository.js';

/** An origin that was taken back is forgotten this soon in every process, and a new one is known. */
const FRESH_MS = 2_000;

type PartnersByOrigin = ReadonlyMap<string, ReadonlySet<string>>;

/** The origins that partners registered for their customers' browsers: read anew every two seconds, when they are asked for. */
@Injectable()
export class Origins {
  private readonly logger = new Logger('Origins');
  private readAt = -Infinity;
  private registered: Promise<PartnersByOrigin> = Promise.resolve(new Map());

  constructor(private readonly repository: PartnersRepository) {}

  /** Whether any partner registered this origin. */
  async isKnown(origin: string): Promise<boolean> {
    return (await this.current()).has(origin);
  }

  async belongsTo(origin: string, partnerId: string): Promise<boolean> {
    return (await this.current()).get(origin)?.has(partnerId) ?? false;
  }

  private current(): Promise<PartnersByOrigin> {
    // Real time: how old what is known may be has nothing to do with business.
    const now = performance.now();
    if (now - this.readAt > FRESH_MS) {
      this.readAt = now;
      this.registered = this.read().catch((error: unknown) => {
        this.logger.error({ err: error, msg: 'the registered origins could not be read: none is allowed' });
        return new Map();
      });
    }
    return this.registered;
  }

  private async read(): Promise<PartnersByOrigin> {
    const rows = await this.repository.origins();
    return new Map(rows.map(({ origin, partners }) => [origin, new Set(partners)]));
  }
}
