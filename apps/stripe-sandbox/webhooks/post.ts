import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';

/** How long an endpoint may take to answer, in real milliseconds. */
const TIMEOUT_MS = 10_000;

/** What came back: a status, or why nothing did. */
export type PostOutcome = { readonly status: number } | { readonly error: string };

/**
 * Posts JSON once. Redirects are not followed (a 3xx is a failed delivery, facts §5.5), and every call has a connection of
 * its own: a connection kept alive and closed by the other side meanwhile would look like a failed delivery.
 */
export function post(
  url: string,
  body: string,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<PostOutcome> {
  return new Promise((resolve) => {
    const send = url.startsWith('https:') ? requestHttps : requestHttp;
    const options = {
      method: 'POST',
      agent: false as const,
      timeout: TIMEOUT_MS,
      signal,
      headers: {
        ...headers,
        'content-type': 'application/json; charset=utf-8',
        'content-length': Buffer.byteLength(body),
      },
    };
    const request = send(url, options, (response) => {
      response.resume();
      response.on('end', () => resolve({ status: response.statusCode ?? 0 }));
      response.on('error', (error) => resolve({ error: error.message }));
    });
    request.on('timeout', () => request.destroy(new Error(`no answer within ${TIMEOUT_MS} ms`)));
    request.on('error', (error) => resolve({ error: error.message }));
    request.end(body);
  });
}
