export { NOTIFICATION_MOVES } from './notification.state-machine.js';
export { NotificationsModule } from './notifications.module.js';
export {
  NotificationsOverviewRepository,
  type ToldOfOrder,
  type Troubled,
} from './notifications.overview.repository.js';
