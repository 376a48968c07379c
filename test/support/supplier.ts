import type { IncomingHttpHeaders, Server, ServerResponse } from 'node:http';
import { close, listen, textOf } from './listener.js';

export interface Asked {
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly body: {
    readonly orderNumber: string;
    readonly orderItemNumber: string;
    readonly sku: string;
    readonly [name: string]: unknown;
  };
}

type Answer = { readonly status: number; readonly body?: unknown } | 'silence' | 'cut';
export type Behaviour = (asked: Asked, times: number) => Answer | Promise<Answer>;

export const delivers: Behaviour = ({ body }) => ({
  status: 200,
  body: { outcome: 'Delivered', deliverables: [{ type: 'voucher', value: `V-${body.orderItemNumber}` }] },
});

/** A partner's own server, which is asked for items and keeps what it was asked. */
export class Supplier {
  readonly asked: Asked[] = [];
  /** Calls that wait for their answer now, and the most that ever did. */
  waiting = 0;
  mostWaiting = 0;

  private constructor(
    private readonly server: Server,
    readonly url: string,
    public behaviour: Behaviour,
  ) {}

  static async start(behaviour: Behaviour = delivers): Promise<Supplier> {
    const ready: { supplier?: Supplier } = {};
    const { server, port } = await listen((request, response) => {
      void textOf(request).then((text) => ready.supplier?.answer(request.headers, text, response));
    });
    return (ready.supplier = new Supplier(server, `http://127.0.0.1:${port}/fulfil`, behaviour));
  }

  of(orderNumber: string): Asked[] {
    return this.asked.filter(({ body }) => body.orderNumber === orderNumber);
  }

  stop(): Promise<void> {
    return close(this.server);
  }

  private async answer(headers: IncomingHttpHeaders, text: string, response: ServerResponse): Promise<void> {
    const asked = { headers, text, body: JSON.parse(text) as Asked['body'] };
    this.asked.push(asked);
    this.mostWaiting = Math.max(this.mostWaiting, ++this.waiting);
    response.once('close', () => this.waiting--);
    const times = this.asked.filter(({ body }) => body.orderItemNumber === asked.body.orderItemNumber).length;
    const answer = await this.behaviour(asked, times);
    if (answer === 'silence') return;
    if (answer === 'cut') {
      response.destroy();
      return;
    }
    const { status, body } = answer;
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(typeof body === 'string' ? body : JSON.stringify(body ?? {}));
  }
}
