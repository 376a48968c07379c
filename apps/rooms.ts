import type { INestApplicationContext, ModuleMetadata } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AccountEntity, AccountsModule, PartnerEntity, PartnerKeyEntity } from '#accounts';
import { FulfillmentModule } from '#fulfillment';
import { NotificationEndpointEntity, NotificationEntity, NotificationsModule } from '#notifications';
import { OperatorsModule } from '#operators';
import { OrderEntity, OrderItemEntity, OrdersModule } from '#orders';
import { PaymentMethodEntity, PaymentMethodsModule, StripeCustomerEntity } from '#payment-methods';
import { DisputeEntity, PaymentEntity, PaymentsModule, RefundEntity } from '#payments';
import { createDataSource, PlatformModule, type Config } from '#platform';
import { StripeModule } from '#stripe';
import { WebhooksModule } from '#webhooks';
import { MIGRATIONS } from '../migrations/index.js';

/** Every program runs the same rooms; they differ in what they listen to. */
export const ROOMS = [
  StripeModule,
  AccountsModule,
  OrdersModule,
  PaymentMethodsModule,
  PaymentsModule,
  FulfillmentModule,
  WebhooksModule,
  NotificationsModule,
  OperatorsModule,
];

const ENTITIES = [
  ...[PartnerEntity, PartnerKeyEntity, AccountEntity],
  ...[OrderEntity, OrderItemEntity, StripeCustomerEntity, PaymentMethodEntity, PaymentEntity],
  ...[NotificationEndpointEntity, NotificationEntity],
  ...[RefundEntity, DisputeEntity],
];

/** What the rooms keep in the database, without a connection. */
export function unopenedDatabase(config: Pick<Config, 'database'>) {
  return createDataSource(config, ENTITIES, MIGRATIONS);
}

/** @throws Error when the database cannot be reached */
export async function openDatabase(config: Pick<Config, 'database'>) {
  return unopenedDatabase(config).initialize();
}

/** The message is for the person at the terminal. */
export class DatabaseAway extends Error {}

/**
 * Puts rooms together for one command, and away again.
 * @throws DatabaseAway when the database cannot be reached
 */
export async function inRooms<T>(
  config: Config,
  { imports = [], ...others }: ModuleMetadata,
  work: (app: INestApplicationContext) => Promise<T>,
): Promise<T> {
  const dataSource = await openDatabase(config).catch((cause: unknown) => {
    const message = 'The database cannot be reached: `npm start` runs it, or DATABASE_URL names it.';
    throw new DatabaseAway(message, { cause });
  });
  const module = class Command {};
  const rooms = { module, imports: [PlatformModule.forRoot(config, dataSource, 'sender'), ...imports], ...others };
  const app = await NestFactory.createApplicationContext(rooms, { logger: ['error'], abortOnError: false });
  try {
    return await work(app);
  } finally {
    await app.close();
  }
}
