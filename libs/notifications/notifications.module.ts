import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { PartnersModule } from '#partners';
import { NotificationEndpointEntity } from './notification-endpoint.entity.js';
import { NotificationEntity } from './notification.entity.js';
import { NotificationEndpointsController } from './notification-endpoints.controller.js';
import { NotificationEndpointsRepository } from './notification-endpoints.repository.js';
import { NotificationEndpointsService } from './notification-endpoints.service.js';
import { NotificationsController } from './notifications.controller.js';
import { NotificationsDelivery } from './notifications.delivery.js';
import { NotificationsHandlers } from './notifications.handlers.js';
import { NotificationsJobs } from './notifications.jobs.js';
import { NotificationsOutbox } from './notifications.outbox.js';
import { NotificationsOutboxRepository } from './notifications.outbox.repository.js';
import { NotificationsOverviewRepository } from './notifications.overview.repository.js';
import { NotificationsRepository } from './notifications.repository.js';
import { NotificationsSender } from './notifications.sender.js';

const repositories = [NotificationEndpointsRepository, NotificationsOutboxRepository, NotificationsRepository];
const verbs = [NotificationsDelivery, NotificationsOutbox, NotificationsSender];

@Module({
  imports: [TypeOrmModule.forFeature([NotificationEndpointEntity, NotificationEntity]), PartnersModule],
  controllers: [NotificationEndpointsController, NotificationsController],
  providers: [
    ...repositories,
    NotificationsOverviewRepository,
    ...verbs,
    NotificationEndpointsService,
    NotificationsHandlers,
    NotificationsJobs,
  ],
  exports: [NotificationsOverviewRepository],
})
export class NotificationsModule {}
