import { randomInt } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '#platform';
import type { OrderItemEntity } from '#orders';
import type { Fulfiller, Fulfilment } from './fulfillment.fulfiller.js';

/** Letters and digits that nobody mistakes for one another. */
const ALPHABET = '23456789ABCDEFGHJKMNPQRSTVWXYZ';
const FLAKY_FAILURES = 2;

/** Issues a ticket code at once. In sandbox mode `fail-` skus fail for good and `flaky-` skus fail twice first. */
@Injectable()
export class InstantFulfiller implements Fulfiller {
  readonly name = 'instant';

  constructor(@Inject(CONFIG) private readonly config: Config) {}

  async deliver(item: OrderItemEntity, attempt: number): Promise<Fulfilment> {
    if (this.config.mode === 'sandbox') {
      if (item.sku.startsWith('fail-'))
        return { kind: 'failed', statusText: 'The sandbox fails every sku that starts with fail-' };
      if (item.sku.startsWith('flaky-') && attempt <= FLAKY_FAILURES)
        throw new Error(`flaky: attempt ${attempt} fails`);
    }
    return { kind: 'delivered', deliverables: [{ type: 'ticket-code', value: ticketCode() }] };
  }
}

function ticketCode(): string {
  const group = () => Array.from({ length: 4 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
  return [group(), group(), group()].join('-');
}
