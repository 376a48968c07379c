import type { INestApplicationContext, ModuleMetadata } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AccountEntity, AccountsModule } from '#accounts';
import { CasesModule } from '#cases';
import { ConsoleModule } from '#console';
import { PartnerEntity, PartnerKeyEntity, PartnersModule } from '#partners';
import { HttpModule } from '#http';
import { OutboundModule } from '#outbound';
import { FulfillmentModule } from '#fulfillment';
import { NotificationEndpointEntity, NotificationEntity, NotificationsModule } from '#notifications';
import { OperatorsModule } from '#operators';
import { OrderEntity, OrderItemEntity, OrdersModule } from '#orders';
import { PaymentMethodEntity, PaymentMethodsModule, StripeCustomerEntity } from '#payment-methods';
import { DisputeEntity, RefundEntity, RefundsModule } from '#refunds';
import { PaymentEntity, PaymentsModule } from '#payments';
import { createDataSource, PlatformModule, type Config } from '#platform';
import { StripeModule } from '#stripe';
import { WebhooksModule } from '#webhooks';
import { MIGRATIONS } from '../migrations/index.js';

/** Every program runs the same modules; they differ in what they listen to. */
export const MODULES = [
  CasesModule,
  HttpModule,
  OutboundModule,
  StripeModule,
  PartnersModule,
  AccountsModule,
  OrdersModule,
  PaymentMethodsModule,
  PaymentsModule,
  RefundsModule,
  FulfillmentModule,
  WebhooksModule,
  NotificationsModule,
  OperatorsModule,
  ConsoleModule,
];

const ENTITIES = [
  ...[PartnerEntity, PartnerKeyEntity, AccountEntity],
  ...[OrderEntity, OrderItemEntity, StripeCustomerEntity, PaymentMethodEntity, PaymentEntity],
  ...[NotificationEndpointEntity, NotificationEntity],
  ...[RefundEntity, DisputeEntity],
];

/** The data source of all modules, not yet connected. */
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
 * Starts modules for one command, and stops them.
 * @throws DatabaseAway when the database cannot be reached
 */
export async function withModules<T>(
  config: Config,
  { imports = [], ...others }: ModuleMetadata,
  work: (app: INestApplicationContext) => Promise<T>,
): Promise<T> {
  const dataSource = await openDatabase(config).catch((cause: unknown) => {
    const message = 'The database cannot be reached: `npm start` runs it, or DATABASE_URL names it.';
    throw new DatabaseAway(message, { cause });
  });
  const module = class Command {};
  const root = { module, imports: [PlatformModule.forRoot(config, dataSource, 'sender'), ...imports], ...others };
  const app = await NestFactory.createApplicationContext(root, { logger: ['error'], abortOnError: false });
  try {
    return await work(app);
  } finally {
    await app.close();
  }
}
