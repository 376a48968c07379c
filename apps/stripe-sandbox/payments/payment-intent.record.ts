import type { Metadata } from '../http/metadata.js';
import type { Shipping } from './customers.js';
import type { NextAction } from './next-action.js';
import type { Status } from './payment-intents.lifecycle.js';

export type SetupFutureUsage = 'on_session' | 'off_session';

/** A movement of money, for the control GET /_sandbox/ledger. Amounts in the currency's minor unit, always positive. */
export interface Movement {
  /** ISO 8601, by the sandbox's clock. */
  readonly at: string;
  readonly type: 'reserve' | 'capture' | 'release' | 'expire' | 'refund' | 'refund_failed' | 'dispute' | 'dispute_won';
  readonly amount: number;
}

export interface PaymentError {
  readonly type: 'card_error' | 'invalid_request_error';
  readonly code: string;
  readonly decline_code: string | null;
  readonly message: string;
  readonly charge: string | null;
  readonly payment_method: string;
}

export interface Processing {
  readonly offSession: boolean;
  readonly authenticated: boolean;
  /** Seconds since 1970. */
  readonly until: number;
}

export interface CardOptions {
  readonly request_three_d_secure: 'automatic' | 'any' | 'challenge';
  readonly setup_future_usage: SetupFutureUsage | 'none' | null;
}

export interface PaymentIntentRecord {
  readonly id: string;
  readonly created: number;
  readonly status: Status;
  readonly amount: number;
  readonly amount_capturable: number;
  readonly amount_received: number;
  readonly currency: string;
  readonly client_secret: string;
  readonly customer: string | null;
  readonly payment_method: string | null;
  readonly latest_charge: string | null;
  readonly capture_method: 'automatic' | 'automatic_async' | 'manual';
  readonly confirmation_method: 'automatic' | 'manual';
  readonly setup_future_usage: SetupFutureUsage | null;
  readonly automatic_payment_methods: {
    readonly enabled: boolean;
    readonly allow_redirects: 'always' | 'never';
  } | null;
  readonly allowed_payment_method_types: readonly string[] | null;
  readonly excluded_payment_method_types: readonly string[] | null;
  readonly card_options: CardOptions;
  readonly canceled_at: number | null;
  readonly cancellation_reason: string | null;
  readonly last_payment_error: PaymentError | null;
  readonly next_action: NextAction | null;
  /** Where the latest challenge leads when it has been answered, also to whoever comes to its page again. */
  readonly challenge_return_url: string | null;
  /** With confirmation_method manual: the customer has authenticated, and the server has yet to confirm again. */
  readonly authenticated: boolean;
  /** While the bank takes its time over a confirmation: how that was asked for, and when the answer comes. */
  readonly processing: Processing | null;
  /** The Checkout Session that made it, if one did. */
  readonly session: string | null;
  readonly description: string | null;
  readonly receipt_email: string | null;
  readonly shipping: Shipping | null;
  readonly statement_descriptor: string | null;
  readonly statement_descriptor_suffix: string | null;
  readonly transfer_group: string | null;
  readonly metadata: Metadata;
  readonly movements: readonly Movement[];
}

/** A movement as of now, added to those before. */
export function moved(
  intent: PaymentIntentRecord,
  now: number,
  type: Movement['type'],
  amount: number,
): readonly Movement[] {
  return [...intent.movements, { at: new Date(now).toISOString(), type, amount }];
}
