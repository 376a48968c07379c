import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Systems hand out ports of their own accord from 32768 on: below, nobody takes one between the finding and the using.
 * Above 10080, the last that browsers and `fetch` refuse to call. Source: https://fetch.spec.whatwg.org/#port-blocking
 */
const LOWEST = 10_081;
const HIGHEST = 32_000;

/** A port of this machine that nobody listens on, for a server that is told its port; others let the system choose. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
    if (!(await isTaken(port))) return port;
  }
}

/** As many, each another. */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await freePort());
  return [...ports];
}

/** @returns whether somebody listens there */
export async function isTaken(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return true;
  }
  server.close();
  await once(server, 'close');
  return false;
}
