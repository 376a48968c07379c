import type { MigrationInterface, QueryRunner } from 'typeorm';

const REFUND_MOVES = "'Pending>Succeeded','Pending>Failed','Succeeded>Failed'";

const DISPUTE_MOVES = `'Inquiry>Open','Inquiry>Won','Inquiry>Lost','Inquiry>Closed','Open>Won','Open>Lost','Open>Closed',
  'Won>Open','Won>Lost','Lost>Open','Lost>Won','Closed>Open','Closed>Won','Closed>Lost'`;

/** Money that goes back after it was charged. */
export class RefundsAndDisputes1795560000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE refunds (
      refund_id text PRIMARY KEY,
      payment_id text NOT NULL REFERENCES payments,
      order_number text NOT NULL REFERENCES orders,
      status text NOT NULL CHECK (status IN ('Pending', 'Succeeded', 'Failed')),
      previous_status text,
      amount bigint NOT NULL CHECK (amount > 0),
      currency text NOT NULL,
      order_item_numbers text[] CHECK (order_item_numbers <> '{}'),
      reason text,
      stripe_refund_id text UNIQUE,
      create_params json,
      request_id text,
      request_body_hash text,
      operation_attempt integer NOT NULL,
      operation_stuck boolean NOT NULL,
      operation_since timestamptz NOT NULL,
      lease_until timestamptz,
      failure jsonb,
      reconcile_at timestamptz NOT NULL DEFAULT '-infinity',
      created_at timestamptz NOT NULL,
      updated_at timestamptz NOT NULL,
      CONSTRAINT refunds_move_check CHECK (previous_status IS NULL OR previous_status || '>' || status IN (${REFUND_MOVES})),
      CONSTRAINT refunds_succeeded_at_stripe CHECK (status <> 'Succeeded' OR stripe_refund_id IS NOT NULL),
      CONSTRAINT refunds_asked_or_adopted CHECK (create_params IS NOT NULL OR stripe_refund_id IS NOT NULL))`);
    await runner.query('CREATE INDEX refunds_of_payment ON refunds (payment_id)');
    await runner.query('CREATE INDEX refunds_of_request ON refunds (request_id) WHERE request_id IS NOT NULL');
    await runner.query('CREATE INDEX refunds_newest ON refunds (order_number, created_at DESC, refund_id DESC)');
    await runner.query(`CREATE INDEX refunds_pending ON refunds (reconcile_at) WHERE status = 'Pending'`);
    await runner.query(`CREATE TABLE disputes (
      dispute_id text PRIMARY KEY,
      payment_id text NOT NULL REFERENCES payments,
      order_number text NOT NULL REFERENCES orders,
      status text NOT NULL CHECK (status IN ('Inquiry', 'Open', 'Won', 'Lost', 'Closed')),
      previous_status text,
      amount bigint NOT NULL CHECK (amount >= 0),
      currency text NOT NULL,
      reason text NOT NULL,
      charge_refundable boolean NOT NULL,
      created_at timestamptz NOT NULL,
      updated_at timestamptz NOT NULL,
      CONSTRAINT disputes_move_check CHECK (previous_status IS NULL OR previous_status || '>' || status IN (${DISPUTE_MOVES})))`);
    await runner.query('CREATE INDEX disputes_of_payment ON disputes (payment_id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE disputes, refunds');
  }
}
