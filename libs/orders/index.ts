export {
  OrderAnswerDto,
  OrderDto,
  orderDto,
  PaymentSummaryDto,
  TimelineEntryDto,
  timelineEntryDto,
} from './dto/order.dto.js';
export { OrderEntity, type PaymentSummary } from './order.entity.js';
export { FULFILLERS, OrderItemEntity, type Deliverable } from './order.entity.js';
export { ORDER_ITEM_MOVES, ORDER_MOVES, type OrderStatus } from './order.state-machine.js';
export { answerDto } from './orders.controller.js';
export { ORDER_NOT_FOUND } from './orders.errors.js';
export { OrdersDueRepository, type Forgotten } from './orders.due.repository.js';
export { OrderItemMoved, OrderMoved } from './orders.events.js';
export { OrdersModule } from './orders.module.js';
export { OrdersRepository, snakeCase, type Actor, type OrderChange, type TimelineEntry } from './orders.repository.js';
export { orderSnapshot } from './orders.snapshot.js';
export { refusal } from './orders.service.js';
