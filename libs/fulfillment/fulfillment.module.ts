import { Module } from '@nestjs/common';
import { PartnersModule } from '#partners';
import { OrdersModule } from '#orders';
import { PaymentsModule } from '#payments';
import { FulfillmentCircuit } from './fulfillment.circuit.js';
import { FulfillmentCircuitRepository } from './fulfillment.circuit.repository.js';
import { FulfillmentController } from './fulfillment.controller.js';
import type { Fulfiller } from './fulfillment.fulfiller.js';
import { FULFILLER_CLASSES, Fulfillers } from './fulfillment.fulfillers.js';
import { FulfillmentHandlers } from './fulfillment.handlers.js';
import { FulfillmentJobs } from './fulfillment.jobs.js';
import { FulfillmentLate } from './fulfillment.late.js';
import { FulfillmentMargin } from './fulfillment.margin.js';
import { FulfillmentReconcile } from './fulfillment.reconcile.js';
import { FulfillmentService } from './fulfillment.service.js';

@Module({
  imports: [PartnersModule, OrdersModule, PaymentsModule],
  controllers: [FulfillmentController],
  providers: [
    FulfillmentService,
    FulfillmentHandlers,
    FulfillmentJobs,
    FulfillmentMargin,
    FulfillmentReconcile,
    FulfillmentCircuit,
    FulfillmentCircuitRepository,
    FulfillmentLate,
    ...FULFILLER_CLASSES,
    { provide: Fulfillers, useFactory: (...all: Fulfiller[]) => new Fulfillers(all), inject: FULFILLER_CLASSES },
  ],
  exports: [FulfillmentCircuit, FulfillmentReconcile],
})
export class FulfillmentModule {}
