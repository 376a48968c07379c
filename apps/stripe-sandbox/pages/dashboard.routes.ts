import type { FastifyInstance, FastifyReply } from 'fastify';
import { parseForm, type FormValue } from '../http/form-encoding.js';
import type { StripeApi } from '../http/stripe-api.js';
import { dashboardPage } from './dashboard.page.js';
import { notice } from './layout.js';

type Form = { Body: string | undefined };

/** GET / and the forms on it, which call the same controls as a test does. */
export function registerDashboard(app: FastifyInstance, api: StripeApi): void {
  app.get('/', (_request, reply) => reply.send(dashboardPage(api)));
  app.post<Form>('/dashboard/control', (request, reply) => {
    const { method, path, body } = parseForm(request.body ?? '');
    return control(app, reply, { method: method === 'DELETE' ? 'DELETE' : 'POST', path: text(path), body: text(body) });
  });
  app.post<Form>('/dashboard/fault', (request, reply) => {
    const { kind, path, times } = parseForm(request.body ?? '');
    const body = JSON.stringify({ kind: text(kind), times: Number(text(times)), ...(path === '' ? {} : { path }) });
    return control(app, reply, { method: 'POST', path: 'faults', body });
  });
}

async function control(
  app: FastifyInstance,
  reply: FastifyReply,
  call: { readonly method: 'POST' | 'DELETE'; readonly path: string; readonly body: string },
): Promise<FastifyReply> {
  const answer = await app.inject({
    method: call.method,
    url: `/_sandbox/${call.path}`,
    payload: call.body,
    headers: { 'content-type': 'application/json' },
  });
  if (answer.statusCode === 200) return reply.redirect('/', 303);
  const { error } = answer.json<{ error: { message: string } }>();
  return reply.code(answer.statusCode).send(notice('That did not work', error.message, { href: '/', label: 'Back' }));
}

function text(value: FormValue | undefined): string {
  return typeof value === 'string' ? value : '';
}
