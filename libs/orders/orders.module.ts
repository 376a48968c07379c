import { Module } from '@nestjs/common';
import { AccountsModule } from '#accounts';
import { PartnersModule } from '#partners';
import { OrdersController } from './orders.controller.js';
import { OrdersDueRepository } from './orders.due.repository.js';
import { OrdersRepository } from './orders.repository.js';
import { OrdersService } from './orders.service.js';

@Module({
  imports: [AccountsModule, PartnersModule],
  controllers: [OrdersController],
  providers: [OrdersService, OrdersRepository, OrdersDueRepository],
  exports: [OrdersService, OrdersRepository, OrdersDueRepository],
})
export class OrdersModule {}
