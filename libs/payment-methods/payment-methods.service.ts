import { Injectable } from '@nestjs/common';
import { Clock } from '#platform';
import { positionAt, Problem, type NothingDto, type PageQuery, type Position } from '#http';
import type { RequestBody } from '#http';
import type { Tx } from '#platform';
import { idempotencyKey, StripeGateway, StripeUnavailable, type Stripe } from '#stripe';
import { PaymentMethodEntity } from './payment-method.entity.js';
import { PAYMENT_METHOD_NOT_FOUND } from './payment-methods.errors.js';
import { PaymentMethodsRepository } from './payment-methods.repository.js';
import type { StripeCustomerEntity } from './stripe-customer.entity.js';
import { StripeCustomersRepository } from './stripe-customers.repository.js';
import { StripeCustomersService } from './stripe-customers.service.js';

/** A copy that no event touched is read anew after this long: an event may have been lost. */
const FRESH_MS = 3_600_000;
/** What has another form is nobody's card: PostgreSQL may refuse it, and in an address at Stripe it is another place. */
const STRIPE_ID = /^\w{1,255}$/;

/** An account's saved cards: a copy of Stripe's, read anew when something may have changed there. */
@Injectable()
export class PaymentMethodsService {
  constructor(
    private readonly repository: PaymentMethodsRepository,
    private readonly customerRows: StripeCustomersRepository,
    private readonly customers: StripeCustomersService,
    private readonly stripe: StripeGateway,
    private readonly clock: Clock,
  ) {}

  /**
   * The saved cards, newest first, one further than the page; a card that was saved twice is there once.
   * @throws StripeUnavailable when the copy is out of date and Stripe cannot be read; Problem 400 for a cursor of no list
   */
  async list(accountId: string, page: PageQuery): Promise<PaymentMethodEntity[]> {
    const after = positionAt(page.cursor);
    const customer = await this.customerRows.find(accountId);
    const methods = (customer ? await this.current(customer) : []).toSorted(newestFirst);
    const cards = methods.filter((method, index) => methods.findIndex((other) => isSameCard(method, other)) === index);
    return cards.filter((card) => !after || isOlder(card, after)).slice(0, page.limit + 1);
  }

  /**
   * Whether a card is the account's. One that we know costs no call, be it the account's own or another's; one that we
   * do not know is looked for under the account's own customer and nowhere else.
   */
  async isOwn(accountId: string, paymentMethodId: string): Promise<boolean> {
    if (!STRIPE_ID.test(paymentMethodId)) return false;
    const owner = await this.repository.accountOf(paymentMethodId);
    if (owner !== undefined) return owner === accountId;
    const customer = await this.customerRows.find(accountId);
    if (!customer?.stripeCustomerId) return false;
    return (await this.stripe.findPaymentMethod(customer.stripeCustomerId, paymentMethodId)) !== undefined;
  }

  /**
   * Removes a card for good, under every id that it was saved with.
   * @throws Problem 404 when it is another's, unknown, or already removed, then 400 for a body that says something;
   * StripeUnavailable when Stripe's answer is unknown
   */
  async remove(accountId: string, paymentMethodId: string, body: RequestBody<NothingDto>): Promise<void> {
    const customer = await this.customerRows.find(accountId);
    if (!customer || !(await this.isOwn(accountId, paymentMethodId))) throw new Problem(PAYMENT_METHOD_NOT_FOUND);
    const saved = await this.current(customer);
    const asked = saved.find((method) => method.paymentMethodId === paymentMethodId);
    if (!asked) throw new Problem(PAYMENT_METHOD_NOT_FOUND);
    body.validated();
    const ids = saved.filter((method) => isSameCard(method, asked)).map((method) => method.paymentMethodId);
    for (const id of ids) await this.detach(customer, id);
    await this.repository.remove(ids);
  }

  /**
   * For whoever saved a card, or heard that one changed.
   * @returns false when the customer is not one of ours
   */
  async markChanged(tx: Tx, by: { accountId: string } | { stripeCustomerId: string }): Promise<boolean> {
    return this.customerRows.markChanged(tx, by);
  }

  /** The copy while it is fresh, and Stripe's list otherwise. */
  private async current(customer: StripeCustomerEntity): Promise<PaymentMethodEntity[]> {
    const { accountId, stripeCustomerId } = customer;
    if (stripeCustomerId === null) return [];
    if (this.isFresh(customer)) return this.repository.ofAccount(accountId);
    const listed = await this.stripe.listCards(stripeCustomerId);
    if (!listed) {
      await this.customers.forget(accountId, stripeCustomerId);
      return [];
    }
    const methods = listed.flatMap((method) => copyOf(accountId, method) ?? []).sort(newestFirst);
    await this.repository.replaceAll(customer, methods);
    return methods;
  }

  private isFresh(customer: StripeCustomerEntity): boolean {
    const { methodsChanged, methodsRead, methodsReadAt } = customer;
    if (methodsRead !== methodsChanged || methodsReadAt === null) return false;
    return this.clock.now().getTime() - methodsReadAt.getTime() < FRESH_MS;
  }

  private async detach(customer: StripeCustomerEntity, paymentMethodId: string): Promise<void> {
    const key = idempotencyKey(paymentMethodId, 'detach', customer.methodsChanged);
    const outcome = await this.stripe.detachPaymentMethod(paymentMethodId, key);
    // Refused: it is gone already, which is what was asked for.
    if (outcome.kind !== 'unknown') return;
    // A stored failure would come again: the next try reads Stripe's list first, and then uses the next key.
    if (outcome.answered) await this.customerRows.markChangedNow(customer.accountId);
    throw new StripeUnavailable(`removing a payment method: ${outcome.reason}`);
  }
}

function isOlder({ createdAt, paymentMethodId }: PaymentMethodEntity, than: Position): boolean {
  const milliseconds = createdAt.getTime() - than.createdAt.getTime();
  return milliseconds < 0 || (milliseconds === 0 && paymentMethodId < than.id);
}

function newestFirst(a: PaymentMethodEntity, b: PaymentMethodEntity): number {
  return b.createdAt.getTime() - a.createdAt.getTime() || (a.paymentMethodId < b.paymentMethodId ? 1 : -1);
}

/** One card saved under two ids; renewed with another date it is another card to its owner. */
function isSameCard(a: PaymentMethodEntity, b: PaymentMethodEntity): boolean {
  if (a.paymentMethodId === b.paymentMethodId) return true;
  const sameDate = a.expMonth === b.expMonth && a.expYear === b.expYear;
  return a.fingerprint !== null && a.fingerprint === b.fingerprint && sameDate;
}

function copyOf(accountId: string, method: Stripe.PaymentMethod): PaymentMethodEntity | undefined {
  const { card } = method;
  if (!card) return undefined;
  return {
    ...{ paymentMethodId: method.id, accountId, type: method.type },
    ...{ brand: card.brand, last4: card.last4, expMonth: card.exp_month, expYear: card.exp_year },
    ...{ funding: card.funding, country: card.country, fingerprint: card.fingerprint ?? null },
    createdAt: new Date(method.created * 1000),
  };
}
