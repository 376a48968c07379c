export { NotificationEndpointEntity } from './notification-endpoint.entity.js';
export { NotificationEntity } from './notification.entity.js';
export { NOTIFICATION_MOVES } from './notification.state-machine.js';
export { NotificationsModule } from './notifications.module.js';
export {
  NotificationsOverviewRepository,
  type ToldOfOrder,
  type Troubled,
} from './notifications.overview.repository.js';
