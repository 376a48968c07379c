import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';

/** The scripts of the pages are served as they are written. */
export function registerScripts(app: FastifyInstance): void {
  for (const name of ['pay.js', 'progress.js', 'save-tick.js']) {
    const script = readFileSync(new URL(`./browser/${name}`, import.meta.url), 'utf8');
    app.get(`/browser/${name}`, (_request, reply) => reply.type('text/javascript; charset=utf-8').send(script));
  }
}
