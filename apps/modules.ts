import type { INestApplicationContext, ModuleMetadata } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AccountsModule } from '#accounts';
import { CasesModule } from '#cases';
import { ConsoleModule } from '#console';
import { PartnersModule } from '#partners';
import { HttpModule } from '#http';
import { OutboundModule } from '#outbound';
import { FulfillmentModule } from '#fulfillment';
import { NotificationsModule } from '#notifications';
import { OperatorsModule } from '#operators';
import { OrdersModule } from '#orders';
import { PaymentMethodsModule } from '#payment-methods';
import { RefundsModule } from '#refunds';
import { PaymentsModule } from '#payments';
import { isDatabaseAway, PlatformModule, type Config } from '#platform';
import { StripeModule } from '#stripe';
import { WebhooksModule } from '#webhooks';

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
  const module = class Command {};
  const root = { module, imports: [PlatformModule.forRoot(config, 'sender'), ...imports], ...others };
  // Nest would print why it did not start, with a stack; the command prints it once, in its own words.
  const logging = { bufferLogs: true, autoFlushLogs: false };
  const app = await NestFactory.createApplicationContext(root, {
    ...logging,
    logger: ['error'],
    abortOnError: false,
  }).catch((cause: unknown) => {
    if (!isDatabaseAway(cause)) throw cause;
    const message = 'The database cannot be reached: `npm start` runs it, or DATABASE_URL names it.';
    throw new DatabaseAway(message, { cause });
  });
  app.flushLogs();
  try {
    return await work(app);
  } finally {
    await app.close();
  }
}
