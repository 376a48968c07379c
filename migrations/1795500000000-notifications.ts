import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Where partners want to hear of their orders, and what they are told: an outbox, written with what it tells of. */
export class Notifications1795500000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...ENDPOINTS, ...NOTIFICATIONS]) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE notifications, notification_endpoints');
  }
}

const ENDPOINTS = [
  `CREATE TABLE notification_endpoints (
    endpoint_id text PRIMARY KEY,
    partner_id text NOT NULL REFERENCES partners,
    url text NOT NULL,
    events text[],
    secret text NOT NULL,
    former_secrets jsonb NOT NULL,
    failing_since timestamptz,
    disabled_at timestamptz,
    disabled_reason text CHECK (disabled_reason IN ('failing', 'gone')),
    created_at timestamptz NOT NULL,
    CONSTRAINT notification_endpoints_disabled CHECK ((disabled_at IS NULL) = (disabled_reason IS NULL)))`,
  'CREATE INDEX notification_endpoints_newest ON notification_endpoints (partner_id, created_at DESC, endpoint_id DESC)',
  'CREATE INDEX notification_endpoints_enabled ON notification_endpoints (endpoint_id) WHERE disabled_at IS NULL',
];

const NOTIFICATIONS = [
  `CREATE TABLE notifications (
    notification_id text PRIMARY KEY,
    sequence bigint GENERATED ALWAYS AS IDENTITY,
    endpoint_id text NOT NULL REFERENCES notification_endpoints ON DELETE CASCADE,
    partner_id text NOT NULL,
    order_number text,
    type text NOT NULL,
    body text NOT NULL,
    status text NOT NULL CHECK (status IN ('Pending', 'Delivered', 'Failed')),
    previous_status text,
    in_order boolean NOT NULL CHECK (NOT in_order OR order_number IS NOT NULL),
    tries integer NOT NULL,
    first_tried_at timestamptz,
    due_at timestamptz NOT NULL,
    lease_until timestamptz,
    attempts jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT notifications_move_check CHECK (previous_status IS NULL OR previous_status || '>' || status IN
      ('Pending>Delivered', 'Pending>Failed', 'Delivered>Pending', 'Failed>Pending')))`,
  'CREATE INDEX notifications_of_partner ON notifications (partner_id, sequence)',
  'CREATE INDEX notifications_of_order ON notifications (order_number, sequence)',
  'CREATE INDEX notifications_of_endpoint ON notifications (endpoint_id, sequence)',
  'CREATE INDEX notifications_oldest ON notifications (created_at)',
  `CREATE INDEX notifications_due ON notifications (endpoint_id, due_at, sequence) WHERE status = 'Pending'`,
  `CREATE INDEX notifications_in_order ON notifications (endpoint_id, order_number, sequence)
    WHERE status = 'Pending' AND in_order`,
  `CREATE INDEX notifications_in_flight ON notifications (endpoint_id, lease_until)
    WHERE status = 'Pending' AND lease_until IS NOT NULL`,
];
