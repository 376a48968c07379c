import type { Metadata } from '../http/metadata.js';
import type { Shipping } from '../payments/customers.js';
import type { SetupFutureUsage } from '../payments/payment-intent.record.js';
import type { AllowRedisplay } from '../payments/payment-methods.js';

export interface LineItemRecord {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly unit_amount: number;
  readonly quantity: number;
  readonly product: string;
  readonly price: string;
  readonly tax_behavior: 'exclusive' | 'inclusive' | 'unspecified';
  readonly metadata: Metadata;
  readonly product_metadata: Metadata;
}

/** What the session hands on to the PaymentIntent that it makes when the page is confirmed. */
export interface PaymentIntentData {
  readonly capture_method: 'automatic' | 'automatic_async' | 'manual';
  readonly setup_future_usage: SetupFutureUsage | null;
  readonly description: string | null;
  readonly receipt_email: string | null;
  readonly shipping: Shipping | null;
  readonly statement_descriptor: string | null;
  readonly statement_descriptor_suffix: string | null;
  readonly transfer_group: string | null;
  readonly metadata: Metadata;
}

export interface SavedPaymentMethodOptions {
  readonly payment_method_save: 'enabled' | 'disabled' | null;
  readonly payment_method_remove: 'enabled' | 'disabled' | null;
  readonly allow_redisplay_filters: readonly AllowRedisplay[] | null;
}

export interface CheckoutSessionRecord {
  readonly id: string;
  readonly created: number;
  readonly expires_at: number;
  readonly status: 'open' | 'complete' | 'expired';
  readonly currency: string;
  readonly amount_total: number;
  readonly line_items: readonly LineItemRecord[];
  readonly success_url: string;
  readonly cancel_url: string | null;
  readonly client_reference_id: string | null;
  readonly customer: string | null;
  readonly customer_creation: 'always' | 'if_required' | null;
  readonly customer_email: string | null;
  /** Filled in when the page is confirmed. */
  readonly customer_details: { readonly email: string | null; readonly name: string | null } | null;
  readonly locale: string | null;
  readonly submit_type: 'auto' | 'book' | 'donate' | 'pay' | null;
  readonly allowed_payment_method_types: readonly string[] | null;
  readonly payment_intent: string | null;
  readonly payment_intent_data: PaymentIntentData;
  readonly saved_payment_method_options: SavedPaymentMethodOptions | null;
  readonly allow_redisplay: AllowRedisplay | null;
  readonly metadata: Metadata;
}
