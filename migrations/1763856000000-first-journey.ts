import type { MigrationInterface, QueryRunner } from 'typeorm';

const ORDER_STATUSES =
  "'New','Placed','Payment','Paid','InTransit','Delivered','Fulfilled','PartiallyFulfilled','FulfillmentError','Canceling','Canceled','Expired'";

const ORDER_MOVES = `
  'New>Placed','New>Canceled','New>Expired','Placed>New','Placed>Payment','Placed>Paid','Placed>Canceled','Placed>Expired',
  'Payment>Paid','Payment>Placed','Payment>Canceling','Payment>Expired','Paid>InTransit','Paid>Canceling',
  'InTransit>Delivered','InTransit>Canceling','Delivered>Fulfilled','Delivered>PartiallyFulfilled',
  'Delivered>FulfillmentError','Canceling>Canceled','Expired>New','Expired>Placed'`;

const ITEM_MOVES = "'New>InTransit','New>Canceled','InTransit>Delivered','InTransit>Failed','InTransit>Canceled'";

const PAYMENT_STATUSES =
  "'Initializing','Pending','Processing','Authorized','Capturing','Captured','PartiallyCaptured','Releasing','Released','Abandoned','Expired','Failed','NotRequired'";

const PAYMENT_MOVES = `
  'Initializing>Pending','Initializing>Processing','Initializing>Authorized','Initializing>Captured','Initializing>Releasing',
  'Initializing>Abandoned','Initializing>Failed','Pending>Processing','Pending>Authorized','Pending>Captured',
  'Pending>Releasing','Pending>Abandoned','Pending>Failed','Processing>Pending','Processing>Authorized','Processing>Captured',
  'Processing>Releasing','Processing>Abandoned','Processing>Failed','Authorized>Capturing','Authorized>Captured',
  'Authorized>PartiallyCaptured','Authorized>Releasing','Authorized>Expired','Capturing>Captured',
  'Capturing>PartiallyCaptured','Capturing>Expired','Releasing>Authorized','Releasing>Released','Releasing>Abandoned',
  'Releasing>Expired','Releasing>Captured','Releasing>PartiallyCaptured'`;

/** A row keeps where it came from, so that a move that is not in the table cannot be written by anybody. */
const moveCheck = (name: string, moves: string) =>
  `CONSTRAINT ${name} CHECK (previous_status IS NULL OR previous_status || '>' || status IN (${moves}))`;

/** Accounts, orders, payments, and what keeps them true. */
export class FirstJourney1763856000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...ACCOUNTS, ...ORDERS, ...PAYMENTS, ...PLATFORM]) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE database_stamp, operator_cases, idempotency_leases, idempotency_keys, stripe_events, payments,
      stripe_customers, order_timeline, order_items, orders, accounts, partner_keys, partners`);
    await runner.query('DROP SEQUENCE order_number_seq');
  }
}

const ACCOUNTS = [
  `CREATE TABLE partners (
    partner_id text PRIMARY KEY,
    name text NOT NULL,
    return_hosts text[] NOT NULL DEFAULT '{}',
    origins text[] NOT NULL DEFAULT '{}',
    fulfillment_url text,
    created_at timestamptz NOT NULL)`,
  `CREATE TABLE partner_keys (
    key_id text PRIMARY KEY,
    partner_id text NOT NULL REFERENCES partners,
    key_hash bytea NOT NULL UNIQUE,
    secret_id text NOT NULL,
    hint text NOT NULL,
    created_at timestamptz NOT NULL,
    revoked_at timestamptz)`,
  'CREATE INDEX partner_keys_partner ON partner_keys (partner_id)',
  `CREATE TABLE accounts (
    account_id text PRIMARY KEY,
    partner_id text NOT NULL REFERENCES partners,
    reference text,
    email text,
    name text,
    created_at timestamptz NOT NULL,
    UNIQUE (partner_id, reference))`,
  'CREATE INDEX accounts_newest ON accounts (partner_id, created_at DESC, account_id DESC)',
];

const ORDERS = [
  'CREATE SEQUENCE order_number_seq START 100000',
  `CREATE TABLE orders (
    order_number text PRIMARY KEY,
    partner_id text NOT NULL REFERENCES partners,
    account_id text NOT NULL REFERENCES accounts,
    status text NOT NULL CHECK (status IN (${ORDER_STATUSES})),
    previous_status text,
    wished_status text NOT NULL CHECK (wished_status IN ('New', 'Placed')),
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    total_amount bigint NOT NULL CHECK (total_amount >= 0),
    external_reference text,
    metadata jsonb NOT NULL,
    payment jsonb,
    payment_begun boolean NOT NULL,
    next_item integer NOT NULL,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    ${moveCheck('orders_move_check', ORDER_MOVES)},
    CONSTRAINT orders_payment_shown CHECK (status NOT IN ('New', 'Placed') OR payment IS NULL))`,
  'CREATE INDEX orders_newest ON orders (partner_id, created_at DESC, order_number DESC)',
  'CREATE INDEX orders_of_account ON orders (account_id, created_at DESC, order_number DESC)',
  'CREATE INDEX orders_by_reference ON orders (partner_id, external_reference) WHERE external_reference IS NOT NULL',
  'CREATE INDEX orders_by_status ON orders (status, updated_at)',
  `CREATE TABLE order_items (
    order_item_number text PRIMARY KEY,
    order_number text NOT NULL REFERENCES orders,
    position integer NOT NULL,
    status text NOT NULL CHECK (status IN ('New', 'InTransit', 'Delivered', 'Failed', 'Canceled')),
    previous_status text,
    status_text text,
    sku text NOT NULL,
    name text NOT NULL,
    quantity integer NOT NULL CHECK (quantity BETWEEN 1 AND 10000),
    unit_amount integer NOT NULL CHECK (unit_amount BETWEEN 0 AND 99999999),
    total_amount bigint NOT NULL CHECK (total_amount = quantity::bigint * unit_amount),
    fulfiller text NOT NULL,
    deliverables jsonb NOT NULL,
    fulfillment_attempts integer NOT NULL,
    ${moveCheck('order_items_move_check', ITEM_MOVES)})`,
  'CREATE INDEX order_items_of_order ON order_items (order_number, position)',
  `CREATE TABLE order_timeline (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_number text NOT NULL REFERENCES orders,
    at timestamptz NOT NULL,
    type text NOT NULL,
    from_status text,
    to_status text,
    actor text NOT NULL CHECK (actor IN ('partner', 'account', 'stripe', 'holdfast', 'operator')),
    detail jsonb NOT NULL)`,
  'CREATE INDEX order_timeline_of_order ON order_timeline (order_number, id)',
];

const PAYMENTS = [
  `CREATE TABLE stripe_customers (
    account_id text PRIMARY KEY REFERENCES accounts,
    stripe_customer_id text UNIQUE,
    attempt integer NOT NULL,
    created_at timestamptz NOT NULL)`,
  `CREATE TABLE payments (
    payment_id text PRIMARY KEY,
    order_number text NOT NULL REFERENCES orders,
    account_id text NOT NULL REFERENCES accounts,
    status text NOT NULL CHECK (status IN (${PAYMENT_STATUSES})),
    previous_status text,
    procedure text NOT NULL CHECK (procedure IN ('checkout', 'intent', 'none')),
    amount bigint NOT NULL CHECK (amount >= 0),
    currency text NOT NULL,
    amount_authorized bigint NOT NULL CHECK (amount_authorized >= 0),
    amount_captured bigint NOT NULL CHECK (amount_captured BETWEEN 0 AND amount_authorized),
    amount_refunded bigint NOT NULL CHECK (amount_refunded BETWEEN 0 AND amount_captured),
    amount_disputed bigint NOT NULL CHECK (amount_disputed >= 0),
    payment_intent_id text UNIQUE,
    checkout_session_id text UNIQUE,
    decline_code text,
    authorization_expires_at timestamptz,
    create_params json NOT NULL,
    operation_attempt integer NOT NULL,
    operation_stuck boolean NOT NULL,
    operation_since timestamptz NOT NULL,
    lease_until timestamptz,
    release_reason text CHECK (release_reason IN ('abandoned', 'canceled', 'nothing-delivered', 'mismatch')),
    capture_amount bigint CHECK (capture_amount BETWEEN 1 AND amount_authorized),
    response text,
    failure jsonb,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    ${moveCheck('payments_move_check', PAYMENT_MOVES)},
    CONSTRAINT payments_release_has_reason CHECK (status <> 'Releasing' OR release_reason IS NOT NULL),
    CONSTRAINT payments_capture_has_amount CHECK (status <> 'Capturing' OR capture_amount IS NOT NULL))`,
  `CREATE UNIQUE INDEX payments_one_live ON payments (order_number) WHERE status NOT IN ('Released', 'Abandoned', 'Expired', 'Failed')`,
  'CREATE INDEX payments_of_order ON payments (order_number, created_at)',
  `CREATE TABLE stripe_events (
    event_id text PRIMARY KEY,
    type text NOT NULL,
    object_id text NOT NULL,
    api_version text,
    event_created_at timestamptz NOT NULL,
    status text NOT NULL CHECK (status IN ('processed', 'failed', 'unmatched')),
    error text,
    deliveries integer NOT NULL DEFAULT 1,
    received_at timestamptz NOT NULL)`,
  `CREATE INDEX stripe_events_failed ON stripe_events (received_at) WHERE status = 'failed'`,
];

const PLATFORM = [
  `CREATE TABLE idempotency_keys (
    credential text NOT NULL,
    method text NOT NULL,
    path text NOT NULL,
    key text NOT NULL,
    body_hash text NOT NULL,
    status integer NOT NULL,
    body text NOT NULL,
    content_type text NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (credential, method, path, key))`,
  'CREATE INDEX idempotency_keys_expired ON idempotency_keys (expires_at)',
  `CREATE TABLE idempotency_leases (
    credential text NOT NULL,
    method text NOT NULL,
    path text NOT NULL,
    key text NOT NULL,
    until timestamptz NOT NULL,
    PRIMARY KEY (credential, method, path, key))`,
  `CREATE TABLE operator_cases (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL,
    subject text NOT NULL,
    reason text NOT NULL,
    next_step text NOT NULL,
    facts jsonb NOT NULL,
    opened_at timestamptz NOT NULL,
    closed_at timestamptz)`,
  'CREATE UNIQUE INDEX operator_cases_open ON operator_cases (kind, subject) WHERE closed_at IS NULL',
  `CREATE TABLE database_stamp (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    mode text NOT NULL,
    stripe_account_id text,
    stamped_at timestamptz NOT NULL)`,
];
