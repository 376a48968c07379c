import { Injectable } from '@nestjs/common';
import type { Fulfiller, Fulfilment } from './fulfillment.fulfiller.js';

/** The partner delivers, and reports through the API. */
@Injectable()
export class ManualFulfiller implements Fulfiller {
  readonly name = 'manual';

  async deliver(): Promise<Fulfilment> {
    return { kind: 'reported-later' };
  }
}
