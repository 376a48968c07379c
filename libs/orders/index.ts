export {
  OrderAnswerDto,
  OrderDto,
  orderDto,
  PaymentSummaryDto,
  TimelineEntryDto,
  timelineEntryDto,
} from './dto/order.dto.js';
export { type Deliverable, FULFILLERS, OrderEntity, OrderItemEntity, type PaymentSummary } from './order.entity.js';
export { ORDER_ITEM_MOVES, ORDER_MOVES, type OrderStatus } from './order.state-machine.js';
export { answerDto } from './orders.controller.js';
export { type Forgotten, OrdersDueRepository } from './orders.due.repository.js';
export { ORDER_NOT_FOUND } from './orders.errors.js';
export { OrderItemMoved, OrderMoved } from './orders.events.js';
export { OrdersModule } from './orders.module.js';
export { type Actor, type OrderChange, OrdersRepository, snakeCase, type TimelineEntry } from './orders.repository.js';
export { refusal } from './orders.service.js';
export { orderSnapshot } from './orders.snapshot.js';
