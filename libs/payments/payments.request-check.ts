import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '#platform';
import { Problem, type ValidationMessage } from '#http';
import { PartnersService } from '#partners';
import type { OrderEntity } from '#orders';
import type { InitPaymentDto } from './dto/init-payment.dto.js';
import { INIT_REQUEST_NOT_VALID } from './payments.errors.js';

/** The rules of an init request that reach beyond one field. */
@Injectable()
export class PaymentsRequestCheck {
  constructor(
    private readonly partners: PartnersService,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** @throws Problem 400 `initPaymentDataRequest_not_valid` that names every fault */
  async check(order: OrderEntity, dto: InitPaymentDto): Promise<void> {
    if (!dto.createCheckoutSession) return;
    const hosts =
      this.config.mode === 'sandbox' ? undefined : ((await this.partners.find(order.partnerId))?.returnHosts ?? []);
    const faults = [
      ...faultsOfAddress('successUrl', dto.successUrl, hosts),
      ...faultsOfAddress('errorUrl', dto.errorUrl, hosts),
      ...(dto.paymentMethodId === undefined
        ? []
        : [fault('paymentMethodId', 'cannot be used with createCheckoutSession')]),
    ];
    if (faults.length === 0) return;
    throw new Problem(INIT_REQUEST_NOT_VALID, {
      detail: faults.map(({ message }) => message).join('; '),
      validationMessages: faults,
    });
  }
}

function fault(member: string, text: string): ValidationMessage {
  const message = `${member}: ${text}`;
  return { code: INIT_REQUEST_NOT_VALID.code, level: 'Error', message, source: 'request', memberNames: [member] };
}

/** @param hosts the only ones allowed, and then with https only; `undefined` in sandbox mode */
function faultsOfAddress(
  member: string,
  value: string | undefined,
  hosts: readonly string[] | undefined,
): ValidationMessage[] {
  if (value === undefined) return [fault(member, 'is required with createCheckoutSession')];
  // The template is Stripe's, filled in by Stripe; everything else must be an address as it stands.
  const url = URL.parse(value.replace('{CHECKOUT_SESSION_ID}', 'session'));
  const absolute = /^https?:\/\/[^/\\\s]/i.test(value);
  if (!url || !absolute || !/^https?:$/.test(url.protocol) || /[\s\p{Cc}\\]/u.test(value)) {
    return [fault(member, 'must be an absolute http or https address')];
  }
  if (/^[a-z]+:\/\/[^/?#]*@/i.test(value)) return [fault(member, 'must not contain credentials')];
  if (hosts === undefined) return [];
  if (url.protocol !== 'https:') return [fault(member, 'must be an https address')];
  return hosts.includes(url.host) ? [] : [fault(member, `has a host that is not registered for you: ${url.host}`)];
}
