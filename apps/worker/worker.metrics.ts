import { createHash, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { Config, Metrics } from '#platform';

/**
 * What Prometheus reads of a worker: its counters are its own. `/metrics` for the OPERATOR_KEY, as the API's; `/health/live`
 * for everybody; nothing else, and no bodies.
 * @throws Error when the port is taken
 */
export async function serveMetrics(config: Config, metrics: Metrics, port: number): Promise<Server> {
  const server = createServer((request, response) => {
    const answer = (status: number, body: string, type = 'text/plain; charset=utf-8') =>
      response.writeHead(status, { 'Content-Type': type, 'Cache-Control': 'no-store' }).end(body);
    if (request.url === '/health/live') return answer(200, '{"status":"ok"}', 'application/json');
    if (request.url !== '/metrics' || request.method !== 'GET') return answer(404, 'There is no such address\n');
    if (!isOperator(config, request.headers.authorization)) return answer(401, 'The OPERATOR_KEY is needed\n');
    return void metrics.registry.metrics().then(
      (text) => answer(200, text, metrics.registry.contentType),
      () => answer(500, 'The metrics cannot be read\n'),
    );
  });
  server.listen(port, config.host);
  await once(server, 'listening');
  return server;
}

/** As at the API: in sandbox mode without a key everyone is. */
function isOperator({ operatorKey }: Config, authorization = ''): boolean {
  if (operatorKey === undefined) return true;
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(authorization), digest(`Bearer ${operatorKey}`));
}
