export { faultsOfEndpoint } from './dto/notification-endpoint.request.dto.js';
export { NOTIFICATION_MOVES } from './notification.state-machine.js';
export { NOTIFICATION_TYPES, TEST_TYPE } from './notifications.catalogue.js';
export { NotificationsModule } from './notifications.module.js';
export {
  NotificationsOverviewRepository,
  type ToldOfOrder,
  type Troubled,
} from './notifications.overview.repository.js';
