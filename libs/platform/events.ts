import { Injectable } from '@nestjs/common';
import type { Tx } from './database.js';

/**
 * What happened in a room, as a class: `class OrderMoved { constructor(readonly orderNumber: string) {} }`. A room above
 * imports the class to hear it, so an event's arrow is the arrow of its import.
 */
type EventClass<E> = abstract new (...parameters: never[]) => E;
type Handler<E> = (tx: Tx, event: E) => Promise<void>;

/** Reactions inside the transaction that caused them. What calls the outside is a job, written by such a reaction. */
@Injectable()
export class Events {
  private readonly handlers = new Map<unknown, Handler<never>[]>();

  on<E extends object>(event: EventClass<E>, handler: Handler<E>): void {
    this.handlers.set(event, [...(this.handlers.get(event) ?? []), handler]);
  }

  async emit(tx: Tx, event: object): Promise<void> {
    for (const handler of this.handlers.get(event.constructor) ?? []) await handler(tx, event as never);
  }
}
