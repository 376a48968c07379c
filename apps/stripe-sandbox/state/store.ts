import type { CheckoutSessionRecord } from '../checkout/session.record.js';
import type { StoredAnswer } from '../http/idempotency.js';
import type { ChargeRecord } from '../payments/charges.js';
import type { CustomerRecord } from '../payments/customers.js';
import type { DisputeRecord } from '../payments/dispute.record.js';
import type { PaymentIntentRecord } from '../payments/payment-intent.record.js';
import type { PaymentMethodRecord } from '../payments/payment-methods.js';
import type { RefundRecord } from '../payments/refunds.js';
import type { SetupIntentRecord } from '../payments/setup-intents.js';
import type { DeliveryRecord } from '../webhooks/deliveries.js';
import type { WebhookEndpointRecord } from '../webhooks/endpoints.js';
import type { EventRecord } from '../webhooks/events.js';
import { newId } from './ids.js';
import { Journal, type Change } from './journal.js';
import { Table } from './table.js';

/** One row: what the account itself remembers. */
export interface AccountRow {
  readonly id: 'account';
  readonly account: string;
  readonly configuration: string;
  readonly advancedMs: number;
}

/** Keys, the account and its endpoints outlive a reset. */
const KEPT_BY_RESET: readonly string[] = ['account', 'webhook_endpoints'];

/** Everything the sandbox knows. One store is one Stripe account. */
export class Store {
  private readonly journal: Journal | undefined;
  private readonly changed = (table: string, id: string, row: unknown) => this.journal?.record(table, id, row);

  readonly account = new Table<AccountRow>('account', this.changed);
  readonly customers = new Table<CustomerRecord>('customers', this.changed);
  readonly paymentMethods = new Table<PaymentMethodRecord>('payment_methods', this.changed, ['customer']);
  readonly paymentIntents = new Table<PaymentIntentRecord>('payment_intents', this.changed, ['customer']);
  readonly charges = new Table<ChargeRecord>('charges', this.changed, ['payment_intent', 'customer']);
  readonly refunds = new Table<RefundRecord>('refunds', this.changed, ['charge', 'payment_intent']);
  readonly disputes = new Table<DisputeRecord>('disputes', this.changed, ['charge', 'payment_intent']);
  readonly setupIntents = new Table<SetupIntentRecord>('setup_intents', this.changed);
  readonly sessions = new Table<CheckoutSessionRecord>('checkout_sessions', this.changed, [
    'payment_intent',
    'customer',
  ]);
  readonly events = new Table<EventRecord>('events', this.changed);
  readonly deliveries = new Table<DeliveryRecord>('deliveries', this.changed, ['event']);
  readonly endpoints = new Table<WebhookEndpointRecord>('webhook_endpoints', this.changed);
  readonly answers = new Table<StoredAnswer>('idempotent_answers', this.changed);

  /** @param directory where to remember; undefined keeps everything in memory only. */
  constructor(directory: string | undefined) {
    if (directory !== undefined) {
      this.journal = new Journal(directory);
      try {
        for (const [table, id, row] of this.journal.read()) this.replay(table, id, row);
      } catch (error) {
        this.journal.close();
        throw error;
      }
    }
    if (this.account.get('account') === undefined) this.openAccount();
  }

  /**
   * From now on changes are written to the directory. Not before the port is this sandbox's own: one that cannot start
   * changes nothing.
   */
  takeOver(): void {
    this.journal?.compact(this.changes());
  }

  /** Makes what was changed survive a crash. Called before an answer is given. */
  commit(): void {
    this.journal?.commit(() => this.changes());
  }

  /** Forgets everything but the account and its webhook endpoints. */
  reset(): void {
    for (const table of this.tables()) if (!KEPT_BY_RESET.includes(table.name)) table.clear();
    this.commit();
  }

  close(): void {
    this.commit();
    this.journal?.close();
  }

  private openAccount(): void {
    this.account.insert({ id: 'account', account: newId('acct'), configuration: newId('pmc'), advancedMs: 0 });
  }

  private tables(): Table<{ readonly id: string }>[] {
    return Object.values(this).filter((value): value is Table<{ readonly id: string }> => value instanceof Table);
  }

  private replay(name: string, id: string, row: unknown): void {
    const table = this.tables().find((candidate) => candidate.name === name);
    if (table === undefined) return;
    if (row === null) table.unload(id);
    else table.load(row as { readonly id: string });
  }

  private *changes(): Generator<Change> {
    for (const table of this.tables()) for (const row of table.oldestFirst()) yield [table.name, row.id, row];
  }
}
