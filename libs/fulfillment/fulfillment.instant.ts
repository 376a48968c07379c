import { randomInt } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '#platform';
import { TryAgain, type Fulfiller, type Fulfilment, type Wish } from './fulfillment.fulfiller.js';
import { qrCode } from './fulfillment.qr-code.js';

/** Letters and digits that nobody mistakes for one another. */
const ALPHABET = '23456789ABCDEFGHJKMNPQRSTVWXYZ';
const FLAKY_FAILURES = 2;

/** Issues a ticket code at once, and a picture of it for scanners. In sandbox mode `fail-` skus fail for good and `flaky-` skus fail twice first. */
@Injectable()
export class InstantFulfiller implements Fulfiller {
  readonly name = 'instant';

  constructor(@Inject(CONFIG) private readonly config: Config) {}

  async deliver({ item, attempt }: Wish): Promise<Fulfilment> {
    if (this.config.mode === 'sandbox') {
      if (item.sku.startsWith('fail-'))
        return { kind: 'failed', statusText: 'The sandbox fails every sku that starts with fail-' };
      if (item.sku.startsWith('flaky-') && attempt <= FLAKY_FAILURES)
        throw new TryAgain(`flaky: attempt ${attempt} fails`);
    }
    const code = ticketCode();
    const deliverables = [
      { type: 'ticket-code', value: code },
      { type: 'qr-code', value: qrCode(code) },
    ];
    return { kind: 'delivered', deliverables };
  }
}

function ticketCode(): string {
  const group = () => Array.from({ length: 4 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
  return [group(), group(), group()].join('-');
}
