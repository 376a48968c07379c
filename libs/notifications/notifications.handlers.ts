import { Injectable, type OnModuleInit } from '@nestjs/common';
import { OrderItemMoved, OrderMoved } from '#orders';
import { AuthorizationExpiring, PaymentMoved } from '#payments';
import { DisputeMoved, RefundMoved } from '#refunds';
import { Events } from '#platform';
import { newsOfDispute, newsOfItem, newsOfOrder, newsOfPayment, newsOfRefund } from './notifications.catalogue.js';
import { NotificationsOutbox } from './notifications.outbox.js';

/** Hears what happens to orders and their money, and writes down what partners are to be told. */
@Injectable()
export class NotificationsHandlers implements OnModuleInit {
  constructor(
    private readonly events: Events,
    private readonly outbox: NotificationsOutbox,
  ) {}

  onModuleInit(): void {
    const { events, outbox } = this;
    events.on(OrderMoved, (tx, event) => outbox.tell(tx, newsOfOrder(event), event.orderNumber));
    events.on(OrderItemMoved, (tx, event) => outbox.tell(tx, newsOfItem(event), event.orderNumber));
    events.on(PaymentMoved, (tx, event) => outbox.tell(tx, newsOfPayment(event), event.orderNumber));
    events.on(RefundMoved, (tx, event) => outbox.tell(tx, newsOfRefund(event), event.orderNumber));
    events.on(DisputeMoved, (tx, event) => outbox.tell(tx, newsOfDispute(event), event.orderNumber));
    events.on(AuthorizationExpiring, (tx, event) =>
      outbox.tell(tx, 'payment.authorization_expiring', event.orderNumber),
    );
  }
}
