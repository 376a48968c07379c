import { createServer, request as ask, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly retryAfter?: number;
}

/** Stands between the shop and Holdfast: lets everything through, or refuses it, or is not there. */
export class Gate {
  private refusal: Refusal | 'cut' | undefined;
  private only = /./;
  /** How many calls were refused so far. */
  refused = 0;

  private constructor(
    private readonly server: Server,
    private readonly target: string,
  ) {}

  static async before(target: string): Promise<Gate> {
    const gate: Gate = new Gate(
      createServer((request, response) => gate.pass(request, response)),
      target,
    );
    await new Promise<void>((resolve) => gate.server.listen(0, '127.0.0.1', resolve));
    return gate;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** @param only the calls (`PUT /v1/…`) that are meant */
  refuse(refusal: Refusal | 'cut', only = /./): void {
    this.refusal = refusal;
    this.only = only;
  }

  open(): void {
    this.refusal = undefined;
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private pass(request: IncomingMessage, response: ServerResponse): void {
    const { refusal } = this;
    if (refusal !== undefined && this.only.test(`${request.method} ${request.url}`)) {
      this.refused++;
      if (refusal === 'cut') return void request.destroy();
      const { status, code, retryAfter } = refusal;
      if (retryAfter !== undefined) response.setHeader('retry-after', retryAfter);
      response
        .writeHead(status, { 'content-type': 'application/problem+json' })
        .end(JSON.stringify({ type: 'about:blank', title: code, status, code }));
      return;
    }
    const { method, headers } = request;
    const forwarded = ask(this.target + request.url, { method, headers, agent: false }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    forwarded.on('error', () => response.destroy());
    request.pipe(forwarded);
  }
}
