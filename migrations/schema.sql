-- The schema after all migrations, as PostgreSQL's catalogue describes it.
-- Written by `npm run schema`; compared with a migrated database by test/integration/schema.spec.ts. Do not edit.
-- A description to read and to review, not a script to run: `npm run migrate` makes the schema.

-- Migrations applied:
--   FirstJourney1763856000000
--   SavedPaymentMethods1795400000000
--   Reconciliation1795480000000
--   LifeOfPartnerKeys1795487100000
--   Notifications1795500000000
--   ReconciliationAtScale1795520000000
--   HttpFulfillers1795530000000
--   RefundsAndDisputes1795560000000
--   SettledByAPerson1795600000000
--   FormerCustomers1795640000000

CREATE SEQUENCE migrations_id_seq AS integer START 1 INCREMENT 1 MINVALUE 1 MAXVALUE 2147483647 CACHE 1;
CREATE SEQUENCE order_number_seq AS bigint START 100000 INCREMENT 1 MINVALUE 1 MAXVALUE 9223372036854775807 CACHE 1;

CREATE TABLE accounts (
  account_id text NOT NULL,
  partner_id text NOT NULL,
  reference text,
  email text,
  name text,
  created_at timestamp with time zone NOT NULL,
  CONSTRAINT accounts_pkey PRIMARY KEY (account_id),
  CONSTRAINT accounts_partner_id_reference_key UNIQUE (partner_id, reference),
  CONSTRAINT accounts_partner_id_fkey FOREIGN KEY (partner_id) REFERENCES partners(partner_id)
);
CREATE INDEX accounts_newest ON public.accounts USING btree (partner_id, created_at DESC, account_id DESC);

CREATE TABLE database_stamp (
  is_only boolean NOT NULL DEFAULT true,
  mode text NOT NULL,
  stripe_account_id text,
  stamped_at timestamp with time zone NOT NULL,
  CONSTRAINT database_stamp_pkey PRIMARY KEY (is_only),
  CONSTRAINT database_stamp_is_only_check CHECK (is_only)
);

CREATE TABLE disputes (
  dispute_id text NOT NULL,
  payment_id text NOT NULL,
  order_number text NOT NULL,
  status text NOT NULL,
  previous_status text,
  amount bigint NOT NULL,
  currency text NOT NULL,
  reason text NOT NULL,
  charge_refundable boolean NOT NULL,
  created_at timestamp with time zone NOT NULL,
  updated_at timestamp with time zone NOT NULL,
  CONSTRAINT disputes_pkey PRIMARY KEY (dispute_id),
  CONSTRAINT disputes_order_number_fkey FOREIGN KEY (order_number) REFERENCES orders(order_number),
  CONSTRAINT disputes_payment_id_fkey FOREIGN KEY (payment_id) REFERENCES payments(payment_id),
  CONSTRAINT disputes_amount_check CHECK (amount >= 0),
  CONSTRAINT disputes_move_check CHECK (previous_status IS NULL OR (((previous_status || '>'::text) || status) = ANY (ARRAY[
    'Inquiry>Open'::text,
    'Inquiry>Won'::text,
    'Inquiry>Lost'::text,
    'Inquiry>Closed'::text,
    'Open>Won'::text,
    'Open>Lost'::text,
    'Open>Closed'::text,
    'Won>Open'::text,
    'Won>Lost'::text,
    'Lost>Open'::text,
    'Lost>Won'::text,
    'Closed>Open'::text,
    'Closed>Won'::text,
    'Closed>Lost'::text
  ]))),
  CONSTRAINT disputes_status_check CHECK (status = ANY (ARRAY['Inquiry'::text, 'Open'::text, 'Won'::text, 'Lost'::text, 'Closed'::text]))
);
CREATE INDEX disputes_of_payment ON public.disputes USING btree (payment_id);

CREATE TABLE fulfillment_circuits (
  address text NOT NULL,
  failures integer NOT NULL,
  open_until timestamp with time zone,
  CONSTRAINT fulfillment_circuits_pkey PRIMARY KEY (address),
  CONSTRAINT fulfillment_circuits_failures_check CHECK (failures > 0)
);

CREATE TABLE fulfillment_secrets (
  fulfillment_secret_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  partner_id text NOT NULL,
  encrypted text NOT NULL,
  created_at timestamp with time zone NOT NULL,
  expires_at timestamp with time zone,
  CONSTRAINT fulfillment_secrets_pkey PRIMARY KEY (fulfillment_secret_id),
  CONSTRAINT fulfillment_secrets_partner_id_fkey FOREIGN KEY (partner_id) REFERENCES partners(partner_id)
);
CREATE UNIQUE INDEX fulfillment_secrets_one_newest ON public.fulfillment_secrets USING btree (partner_id) WHERE (expires_at IS NULL);

CREATE TABLE idempotency_keys (
  credential text NOT NULL,
  method text NOT NULL,
  path text NOT NULL,
  key text NOT NULL,
  body_hash text NOT NULL,
  status integer NOT NULL,
  body text NOT NULL,
  content_type text NOT NULL,
  expires_at timestamp with time zone NOT NULL,
  CONSTRAINT idempotency_keys_pkey PRIMARY KEY (credential, method, path, key)
);
CREATE INDEX idempotency_keys_expired ON public.idempotency_keys USING btree (expires_at);

CREATE TABLE idempotency_leases (
  credential text NOT NULL,
  method text NOT NULL,
  path text NOT NULL,
  key text NOT NULL,
  until timestamp with time zone NOT NULL,
  CONSTRAINT idempotency_leases_pkey PRIMARY KEY (credential, method, path, key)
);

CREATE TABLE migrations (
  id integer NOT NULL DEFAULT nextval('migrations_id_seq'::regclass),
  "timestamp" bigint NOT NULL,
  name character varying NOT NULL,
  CONSTRAINT "PK_8c82d7f526340ab734260ea46be" PRIMARY KEY (id)
);

CREATE TABLE notification_endpoints (
  endpoint_id text NOT NULL,
  partner_id text NOT NULL,
  url text NOT NULL,
  events text[],
  secret text NOT NULL,
  former_secrets jsonb NOT NULL,
  failing_since timestamp with time zone,
  disabled_at timestamp with time zone,
  disabled_reason text,
  created_at timestamp with time zone NOT NULL,
  CONSTRAINT notification_endpoints_pkey PRIMARY KEY (endpoint_id),
  CONSTRAINT notification_endpoints_partner_id_fkey FOREIGN KEY (partner_id) REFERENCES partners(partner_id),
  CONSTRAINT notification_endpoints_disabled CHECK ((disabled_at IS NULL) = (disabled_reason IS NULL)),
  CONSTRAINT notification_endpoints_disabled_reason_check CHECK (disabled_reason = ANY (ARRAY['failing'::text, 'gone'::text]))
);
CREATE INDEX notification_endpoints_enabled ON public.notification_endpoints USING btree (endpoint_id) WHERE (disabled_at IS NULL);
CREATE INDEX notification_endpoints_newest ON public.notification_endpoints USING btree (partner_id, created_at DESC, endpoint_id DESC);

CREATE TABLE notifications (
  notification_id text NOT NULL,
  sequence bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  endpoint_id text NOT NULL,
  partner_id text NOT NULL,
  order_number text,
  type text NOT NULL,
  body text NOT NULL,
  status text NOT NULL,
  previous_status text,
  in_order boolean NOT NULL,
  tries integer NOT NULL,
  first_tried_at timestamp with time zone,
  due_at timestamp with time zone NOT NULL,
  lease_until timestamp with time zone,
  attempts jsonb NOT NULL,
  created_at timestamp with time zone NOT NULL,
  CONSTRAINT notifications_pkey PRIMARY KEY (notification_id),
  CONSTRAINT notifications_endpoint_id_fkey FOREIGN KEY (endpoint_id) REFERENCES notification_endpoints(endpoint_id) ON DELETE CASCADE,
  CONSTRAINT notifications_check CHECK (NOT in_order OR order_number IS NOT NULL),
  CONSTRAINT notifications_move_check CHECK (previous_status IS NULL OR (((previous_status || '>'::text) || status) = ANY (ARRAY['Pending>Delivered'::text, 'Pending>Failed'::text, 'Delivered>Pending'::text, 'Failed>Pending'::text]))),
  CONSTRAINT notifications_status_check CHECK (status = ANY (ARRAY['Pending'::text, 'Delivered'::text, 'Failed'::text]))
);
CREATE INDEX notifications_due ON public.notifications USING btree (endpoint_id, due_at, sequence) WHERE (status = 'Pending'::text);
CREATE INDEX notifications_in_flight ON public.notifications USING btree (endpoint_id, lease_until) WHERE ((status = 'Pending'::text) AND (lease_until IS NOT NULL));
CREATE INDEX notifications_in_order ON public.notifications USING btree (endpoint_id, order_number, sequence) WHERE ((status = 'Pending'::text) AND in_order);
CREATE INDEX notifications_of_endpoint ON public.notifications USING btree (endpoint_id, sequence);
CREATE INDEX notifications_of_order ON public.notifications USING btree (order_number, sequence);
CREATE INDEX notifications_of_partner ON public.notifications USING btree (partner_id, sequence);
CREATE INDEX notifications_oldest ON public.notifications USING btree (created_at);

CREATE TABLE operator_cases (
  id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  kind text NOT NULL,
  subject text NOT NULL,
  reason text NOT NULL,
  next_step text NOT NULL,
  facts jsonb NOT NULL,
  opened_at timestamp with time zone NOT NULL,
  closed_at timestamp with time zone,
  settlement text,
  CONSTRAINT operator_cases_pkey PRIMARY KEY (id),
  CONSTRAINT operator_cases_check CHECK (settlement IS NULL OR closed_at IS NOT NULL),
  CONSTRAINT operator_cases_settlement_check CHECK (settlement = ANY (ARRAY['collected'::text, 'refunded'::text, 'written-off'::text]))
);
CREATE INDEX operator_cases_of_subject ON public.operator_cases USING btree (subject);
CREATE UNIQUE INDEX operator_cases_open ON public.operator_cases USING btree (kind, subject) WHERE (closed_at IS NULL);

CREATE TABLE order_items (
  order_item_number text NOT NULL,
  order_number text NOT NULL,
  "position" integer NOT NULL,
  status text NOT NULL,
  previous_status text,
  status_text text,
  sku text NOT NULL,
  name text NOT NULL,
  quantity integer NOT NULL,
  unit_amount integer NOT NULL,
  total_amount bigint NOT NULL,
  fulfiller text NOT NULL,
  deliverables jsonb NOT NULL,
  fulfillment_attempts integer NOT NULL,
  awaiting_report boolean NOT NULL DEFAULT false,
  asked_until timestamp with time zone,
  CONSTRAINT order_items_pkey PRIMARY KEY (order_item_number),
  CONSTRAINT order_items_order_number_fkey FOREIGN KEY (order_number) REFERENCES orders(order_number),
  CONSTRAINT order_items_check CHECK (total_amount = (quantity::bigint * unit_amount)),
  CONSTRAINT order_items_move_check CHECK (previous_status IS NULL OR (((previous_status || '>'::text) || status) = ANY (ARRAY[
    'New>InTransit'::text,
    'New>Canceled'::text,
    'InTransit>Delivered'::text,
    'InTransit>Failed'::text,
    'InTransit>Canceled'::text
  ]))),
  CONSTRAINT order_items_quantity_check CHECK (quantity >= 1 AND quantity <= 10000),
  CONSTRAINT order_items_status_check CHECK (status = ANY (ARRAY['New'::text, 'InTransit'::text, 'Delivered'::text, 'Failed'::text, 'Canceled'::text])),
  CONSTRAINT order_items_unit_amount_check CHECK (unit_amount >= 0 AND unit_amount <= 99999999)
);
CREATE INDEX order_items_of_order ON public.order_items USING btree (order_number, "position");

CREATE TABLE order_timeline (
  id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  order_number text NOT NULL,
  at timestamp with time zone NOT NULL,
  type text NOT NULL,
  from_status text,
  to_status text,
  actor text NOT NULL,
  detail jsonb NOT NULL,
  CONSTRAINT order_timeline_pkey PRIMARY KEY (id),
  CONSTRAINT order_timeline_order_number_fkey FOREIGN KEY (order_number) REFERENCES orders(order_number),
  CONSTRAINT order_timeline_actor_check CHECK (actor = ANY (ARRAY['partner'::text, 'account'::text, 'stripe'::text, 'holdfast'::text, 'operator'::text]))
);
CREATE INDEX order_timeline_of_order ON public.order_timeline USING btree (order_number, id);

CREATE TABLE orders (
  order_number text NOT NULL,
  partner_id text NOT NULL,
  account_id text NOT NULL,
  status text NOT NULL,
  previous_status text,
  wished_status text NOT NULL,
  currency text NOT NULL,
  total_amount bigint NOT NULL,
  external_reference text,
  metadata jsonb NOT NULL,
  payment jsonb,
  payment_begun boolean NOT NULL,
  next_item integer NOT NULL,
  version integer NOT NULL,
  created_at timestamp with time zone NOT NULL,
  updated_at timestamp with time zone NOT NULL,
  CONSTRAINT orders_pkey PRIMARY KEY (order_number),
  CONSTRAINT orders_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(account_id),
  CONSTRAINT orders_partner_id_fkey FOREIGN KEY (partner_id) REFERENCES partners(partner_id),
  CONSTRAINT orders_currency_check CHECK (currency ~ '^[A-Z]{3}$'::text),
  CONSTRAINT orders_move_check CHECK (previous_status IS NULL OR (((previous_status || '>'::text) || status) = ANY (ARRAY[
    'New>Placed'::text,
    'New>Canceled'::text,
    'New>Expired'::text,
    'Placed>New'::text,
    'Placed>Payment'::text,
    'Placed>Paid'::text,
    'Placed>Canceled'::text,
    'Placed>Expired'::text,
    'Payment>Paid'::text,
    'Payment>Placed'::text,
    'Payment>Canceling'::text,
    'Payment>Expired'::text,
    'Paid>InTransit'::text,
    'Paid>Canceling'::text,
    'InTransit>Delivered'::text,
    'InTransit>Canceling'::text,
    'Delivered>Fulfilled'::text,
    'Delivered>PartiallyFulfilled'::text,
    'Delivered>FulfillmentError'::text,
    'Canceling>Canceled'::text,
    'Expired>New'::text,
    'Expired>Placed'::text
  ]))),
  CONSTRAINT orders_payment_shown CHECK ((status <> ALL (ARRAY['New'::text, 'Placed'::text])) OR payment IS NULL),
  CONSTRAINT orders_status_check CHECK (status = ANY (ARRAY[
    'New'::text,
    'Placed'::text,
    'Payment'::text,
    'Paid'::text,
    'InTransit'::text,
    'Delivered'::text,
    'Fulfilled'::text,
    'PartiallyFulfilled'::text,
    'FulfillmentError'::text,
    'Canceling'::text,
    'Canceled'::text,
    'Expired'::text
  ])),
  CONSTRAINT orders_total_amount_check CHECK (total_amount >= 0),
  CONSTRAINT orders_wished_status_check CHECK (wished_status = ANY (ARRAY['New'::text, 'Placed'::text]))
);
CREATE INDEX orders_by_reference ON public.orders USING btree (partner_id, external_reference) WHERE (external_reference IS NOT NULL);
CREATE INDEX orders_by_status ON public.orders USING btree (status, updated_at);
CREATE INDEX orders_in_fulfillment ON public.orders USING btree (order_number) WHERE (status = ANY (ARRAY['Paid'::text, 'InTransit'::text, 'Delivered'::text]));
CREATE INDEX orders_newest ON public.orders USING btree (partner_id, created_at DESC, order_number DESC);
CREATE INDEX orders_of_account ON public.orders USING btree (account_id, created_at DESC, order_number DESC);
CREATE INDEX orders_reservation_lost ON public.orders USING btree (order_number) WHERE ((status = ANY (ARRAY['Paid'::text, 'InTransit'::text])) AND ((payment ->> 'status'::text) = 'Expired'::text));
CREATE INDEX orders_reserved_until ON public.orders USING btree (((payment ->> 'authorizationExpiresAt'::text))) WHERE ((status = ANY (ARRAY['Paid'::text, 'InTransit'::text])) AND ((payment ->> 'status'::text) = 'Authorized'::text));

CREATE TABLE partner_keys (
  key_id text NOT NULL,
  partner_id text NOT NULL,
  key_hash bytea NOT NULL,
  secret_id text NOT NULL,
  hint text NOT NULL,
  created_at timestamp with time zone NOT NULL,
  revoked_at timestamp with time zone,
  name text NOT NULL DEFAULT 'first key'::text,
  scope text NOT NULL DEFAULT 'full'::text,
  last_used_at timestamp with time zone,
  expires_at timestamp with time zone,
  CONSTRAINT partner_keys_pkey PRIMARY KEY (key_id),
  CONSTRAINT partner_keys_key_hash_key UNIQUE (key_hash),
  CONSTRAINT partner_keys_partner_id_fkey FOREIGN KEY (partner_id) REFERENCES partners(partner_id),
  CONSTRAINT partner_keys_scope_check CHECK (scope = ANY (ARRAY['full'::text, 'read-only'::text]))
);
CREATE INDEX partner_keys_partner ON public.partner_keys USING btree (partner_id);

CREATE TABLE partners (
  partner_id text NOT NULL,
  name text NOT NULL,
  return_hosts text[] NOT NULL DEFAULT '{}'::text[],
  origins text[] NOT NULL DEFAULT '{}'::text[],
  fulfillment_url text,
  created_at timestamp with time zone NOT NULL,
  fulfillment_attempts integer NOT NULL DEFAULT 20,
  CONSTRAINT partners_pkey PRIMARY KEY (partner_id),
  CONSTRAINT partners_fulfillment_attempts_check CHECK (fulfillment_attempts >= 1 AND fulfillment_attempts <= 40)
);

CREATE TABLE payment_methods (
  payment_method_id text NOT NULL,
  account_id text NOT NULL,
  type text NOT NULL,
  brand text NOT NULL,
  last4 text NOT NULL,
  exp_month integer NOT NULL,
  exp_year integer NOT NULL,
  funding text NOT NULL,
  country text,
  fingerprint text,
  created_at timestamp with time zone NOT NULL,
  CONSTRAINT payment_methods_pkey PRIMARY KEY (payment_method_id),
  CONSTRAINT payment_methods_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(account_id)
);
CREATE INDEX payment_methods_of_account ON public.payment_methods USING btree (account_id, created_at DESC);

CREATE TABLE payments (
  payment_id text NOT NULL,
  order_number text NOT NULL,
  account_id text NOT NULL,
  status text NOT NULL,
  previous_status text,
  procedure text NOT NULL,
  amount bigint NOT NULL,
  currency text NOT NULL,
  amount_authorized bigint NOT NULL,
  amount_captured bigint NOT NULL,
  amount_refunded bigint NOT NULL,
  amount_disputed bigint NOT NULL,
  payment_intent_id text,
  checkout_session_id text,
  decline_code text,
  authorization_expires_at timestamp with time zone,
  create_params json NOT NULL,
  operation_attempt integer NOT NULL,
  operation_stuck boolean NOT NULL,
  operation_since timestamp with time zone NOT NULL,
  lease_until timestamp with time zone,
  release_reason text,
  capture_amount bigint,
  response text,
  failure jsonb,
  version integer NOT NULL,
  created_at timestamp with time zone NOT NULL,
  updated_at timestamp with time zone NOT NULL,
  reconcile_at timestamp with time zone NOT NULL DEFAULT '-infinity'::timestamp with time zone,
  expiry_told_at timestamp with time zone,
  CONSTRAINT payments_pkey PRIMARY KEY (payment_id),
  CONSTRAINT payments_checkout_session_id_key UNIQUE (checkout_session_id),
  CONSTRAINT payments_payment_intent_id_key UNIQUE (payment_intent_id),
  CONSTRAINT payments_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(account_id),
  CONSTRAINT payments_order_number_fkey FOREIGN KEY (order_number) REFERENCES orders(order_number),
  CONSTRAINT payments_amount_authorized_check CHECK (amount_authorized >= 0),
  CONSTRAINT payments_amount_check CHECK (amount >= 0),
  CONSTRAINT payments_amount_disputed_check CHECK (amount_disputed >= 0),
  CONSTRAINT payments_capture_has_amount CHECK (status <> 'Capturing'::text OR capture_amount IS NOT NULL),
  CONSTRAINT payments_check CHECK (amount_captured >= 0 AND amount_captured <= amount_authorized),
  CONSTRAINT payments_check1 CHECK (amount_refunded >= 0 AND amount_refunded <= amount_captured),
  CONSTRAINT payments_check2 CHECK (capture_amount >= 1 AND capture_amount <= amount_authorized),
  CONSTRAINT payments_move_check CHECK (previous_status IS NULL OR (((previous_status || '>'::text) || status) = ANY (ARRAY[
    'Initializing>Pending'::text,
    'Initializing>Processing'::text,
    'Initializing>Authorized'::text,
    'Initializing>Captured'::text,
    'Initializing>Releasing'::text,
    'Initializing>Abandoned'::text,
    'Initializing>Failed'::text,
    'Pending>Processing'::text,
    'Pending>Authorized'::text,
    'Pending>Captured'::text,
    'Pending>Releasing'::text,
    'Pending>Abandoned'::text,
    'Pending>Failed'::text,
    'Processing>Pending'::text,
    'Processing>Authorized'::text,
    'Processing>Captured'::text,
    'Processing>Releasing'::text,
    'Processing>Abandoned'::text,
    'Processing>Failed'::text,
    'Authorized>Capturing'::text,
    'Authorized>Captured'::text,
    'Authorized>PartiallyCaptured'::text,
    'Authorized>Releasing'::text,
    'Authorized>Expired'::text,
    'Capturing>Captured'::text,
    'Capturing>PartiallyCaptured'::text,
    'Capturing>Expired'::text,
    'Releasing>Authorized'::text,
    'Releasing>Released'::text,
    'Releasing>Abandoned'::text,
    'Releasing>Expired'::text,
    'Releasing>Captured'::text,
    'Releasing>PartiallyCaptured'::text
  ]))),
  CONSTRAINT payments_procedure_check CHECK (procedure = ANY (ARRAY['checkout'::text, 'intent'::text, 'none'::text])),
  CONSTRAINT payments_release_has_reason CHECK (status <> 'Releasing'::text OR release_reason IS NOT NULL),
  CONSTRAINT payments_release_reason_check CHECK (release_reason = ANY (ARRAY['abandoned'::text, 'canceled'::text, 'nothing-delivered'::text, 'mismatch'::text, 'expired'::text])),
  CONSTRAINT payments_status_check CHECK (status = ANY (ARRAY[
    'Initializing'::text,
    'Pending'::text,
    'Processing'::text,
    'Authorized'::text,
    'Capturing'::text,
    'Captured'::text,
    'PartiallyCaptured'::text,
    'Releasing'::text,
    'Released'::text,
    'Abandoned'::text,
    'Expired'::text,
    'Failed'::text,
    'NotRequired'::text
  ]))
);
CREATE INDEX payments_ending_untold ON public.payments USING btree (authorization_expires_at) WHERE ((status = 'Authorized'::text) AND (expiry_told_at IS NULL));
CREATE INDEX payments_of_order ON public.payments USING btree (order_number, created_at);
CREATE UNIQUE INDEX payments_one_live ON public.payments USING btree (order_number) WHERE (status <> ALL (ARRAY['Released'::text, 'Abandoned'::text, 'Expired'::text, 'Failed'::text]));
CREATE INDEX payments_to_reconcile ON public.payments USING btree (reconcile_at) WHERE (status = ANY (ARRAY['Initializing'::text, 'Pending'::text, 'Processing'::text, 'Authorized'::text, 'Capturing'::text, 'Releasing'::text]));

CREATE TABLE refunds (
  refund_id text NOT NULL,
  payment_id text NOT NULL,
  order_number text NOT NULL,
  status text NOT NULL,
  previous_status text,
  amount bigint NOT NULL,
  currency text NOT NULL,
  order_item_numbers text[],
  reason text,
  stripe_refund_id text,
  create_params json,
  request_id text,
  request_body_hash text,
  operation_attempt integer NOT NULL,
  operation_stuck boolean NOT NULL,
  operation_since timestamp with time zone NOT NULL,
  lease_until timestamp with time zone,
  failure jsonb,
  reconcile_at timestamp with time zone NOT NULL DEFAULT '-infinity'::timestamp with time zone,
  created_at timestamp with time zone NOT NULL,
  updated_at timestamp with time zone NOT NULL,
  CONSTRAINT refunds_pkey PRIMARY KEY (refund_id),
  CONSTRAINT refunds_stripe_refund_id_key UNIQUE (stripe_refund_id),
  CONSTRAINT refunds_order_number_fkey FOREIGN KEY (order_number) REFERENCES orders(order_number),
  CONSTRAINT refunds_payment_id_fkey FOREIGN KEY (payment_id) REFERENCES payments(payment_id),
  CONSTRAINT refunds_amount_check CHECK (amount > 0),
  CONSTRAINT refunds_asked_or_adopted CHECK (create_params IS NOT NULL OR stripe_refund_id IS NOT NULL),
  CONSTRAINT refunds_move_check CHECK (previous_status IS NULL OR (((previous_status || '>'::text) || status) = ANY (ARRAY['Pending>Succeeded'::text, 'Pending>Failed'::text, 'Succeeded>Failed'::text]))),
  CONSTRAINT refunds_order_item_numbers_check CHECK (order_item_numbers <> '{}'::text[]),
  CONSTRAINT refunds_status_check CHECK (status = ANY (ARRAY['Pending'::text, 'Succeeded'::text, 'Failed'::text])),
  CONSTRAINT refunds_succeeded_at_stripe CHECK (status <> 'Succeeded'::text OR stripe_refund_id IS NOT NULL)
);
CREATE INDEX refunds_newest ON public.refunds USING btree (order_number, created_at DESC, refund_id DESC);
CREATE INDEX refunds_of_payment ON public.refunds USING btree (payment_id);
CREATE INDEX refunds_of_request ON public.refunds USING btree (request_id) WHERE (request_id IS NOT NULL);
CREATE INDEX refunds_pending ON public.refunds USING btree (reconcile_at) WHERE (status = 'Pending'::text);

CREATE TABLE schedules (
  name text NOT NULL,
  next_at timestamp with time zone NOT NULL,
  CONSTRAINT schedules_pkey PRIMARY KEY (name)
);

CREATE TABLE stripe_customers (
  account_id text NOT NULL,
  stripe_customer_id text,
  attempt integer NOT NULL,
  created_at timestamp with time zone NOT NULL,
  methods_changed integer NOT NULL DEFAULT 0,
  methods_read integer,
  methods_read_at timestamp with time zone,
  former_customer_ids text[] NOT NULL DEFAULT '{}'::text[],
  CONSTRAINT stripe_customers_pkey PRIMARY KEY (account_id),
  CONSTRAINT stripe_customers_stripe_customer_id_key UNIQUE (stripe_customer_id),
  CONSTRAINT stripe_customers_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(account_id)
);

CREATE TABLE stripe_event_feed (
  is_only boolean NOT NULL DEFAULT true,
  read_until timestamp with time zone NOT NULL,
  CONSTRAINT stripe_event_feed_pkey PRIMARY KEY (is_only),
  CONSTRAINT stripe_event_feed_is_only_check CHECK (is_only)
);

CREATE TABLE stripe_events (
  event_id text NOT NULL,
  type text NOT NULL,
  object_id text NOT NULL,
  api_version text,
  event_created_at timestamp with time zone NOT NULL,
  status text NOT NULL,
  error text,
  deliveries integer NOT NULL DEFAULT 1,
  received_at timestamp with time zone NOT NULL,
  CONSTRAINT stripe_events_pkey PRIMARY KEY (event_id),
  CONSTRAINT stripe_events_status_check CHECK (status = ANY (ARRAY['processed'::text, 'failed'::text, 'unmatched'::text]))
);
CREATE INDEX stripe_events_failed ON public.stripe_events USING btree (received_at) WHERE (status = 'failed'::text);

-- The schema pgboss is pg-boss's own, at its version 46.
