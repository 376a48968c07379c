import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface NamedPort {
  /** The variable that sets it. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

const POLL_MS = 100;

/**
 * What is wrong with these ports, in words that name the variable; an empty list when all of them can be listened on.
 * @param patienceMs how long a taken port may take to become free
 */
export async function portFaults(ports: readonly NamedPort[], patienceMs: number): Promise<string[]> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const faults = [...sharedPorts(ports)];
    for (const port of ports) faults.push(...(await faultOf(port)));
    if (faults.length === 0 || Date.now() >= deadline) return faults;
    await sleep(POLL_MS);
  }
}

function sharedPorts(ports: readonly NamedPort[]): string[] {
  return ports.flatMap(({ name, port }, index) => {
    const other = ports.slice(0, index).find((candidate) => candidate.port === port);
    return other ? [`${name}: ${port} is the port of ${other.name} too`] : [];
  });
}

/** The one sure way to know is to listen. */
async function faultOf({ name, host, port }: NamedPort): Promise<string[]> {
  const server = createServer();
  try {
    server.listen({ port, host, exclusive: true });
    await once(server, 'listening');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') return [`${name}: something listens on ${host}:${port} already`];
    return [`${name}: cannot listen on ${host}:${port} (${message})`];
  }
  server.close();
  await once(server, 'close');
  return [];
}
