import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AccountsModule } from '#accounts';
import { PartnersModule } from '#partners';
import { OrderEntity, OrderItemEntity } from './order.entity.js';
import { OrdersController } from './orders.controller.js';
import { OrdersDueRepository } from './orders.due.repository.js';
import { OrdersRepository } from './orders.repository.js';
import { OrdersService } from './orders.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([OrderEntity, OrderItemEntity]), AccountsModule, PartnersModule],
  controllers: [OrdersController],
  providers: [OrdersService, OrdersRepository, OrdersDueRepository],
  exports: [OrdersService, OrdersRepository, OrdersDueRepository],
})
export class OrdersModule {}
