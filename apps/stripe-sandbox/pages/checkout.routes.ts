import type { FastifyInstance, FastifyReply } from 'fastify';
import type { CheckoutSessionRecord } from '../checkout/session.record.js';
import { completeFreeSession, paySession } from '../checkout/sessions.lifecycle.js';
import { parseForm } from '../http/form-encoding.js';
import type { StripeApi } from '../http/stripe-api.js';
import { challengeUrl } from '../payments/payment-intents.present.js';
import { NOBODY, type World } from '../world.js';
import {
  chosenMethod,
  EMPTY_FORM,
  errorsFrom,
  errorsFromCode,
  missingFields,
  newMethod,
  readCheckoutForm,
  usesNewCard,
  type CheckoutForm,
  type FieldErrors,
} from './checkout.form.js';
import { checkoutPage } from './checkout.page.js';
import { notice } from './layout.js';

interface ById {
  Params: { id: string };
  Body: string | undefined;
}

/** GET and POST /c/pay/:id, the page that a session's `url` names. */
export function registerCheckout(app: FastifyInstance, { faults, world }: StripeApi): void {
  app.get<ById>('/c/pay/:id', (request, reply) => {
    world.clock.ringDue();
    const session = world.store.sessions.get(request.params.id);
    return (
      elsewhere(world, session, reply) ??
      reply.send(checkoutPage(world, open(session), EMPTY_FORM, lastErrors(world, session)))
    );
  });
  app.get<ById>('/c/pay/:id/return', (request, reply) => {
    const session = world.store.sessions.get(request.params.id);
    return elsewhere(world, session, reply) ?? reply.redirect(`/c/pay/${open(session).id}`, 303);
  });
  app.post<ById>('/c/pay/:id', (request, reply) => {
    world.clock.ringDue();
    const session = world.store.sessions.get(request.params.id);
    const form = readCheckoutForm(parseForm(request.body ?? ''));
    const answer = elsewhere(world, session, reply) ?? toChallenge(world, session, reply, form.insteadOf);
    if (answer !== undefined) return answer;
    world.cause = { ...NOBODY, takeDecline: () => faults.takeDecline('POST', request.url) };
    try {
      return pay(world, open(session), form, reply);
    } finally {
      world.cause = NOBODY;
    }
  });
}

function open(session: CheckoutSessionRecord | undefined): CheckoutSessionRecord {
  if (session === undefined) throw new Error('a session that is not there has been answered before');
  return session;
}

/** Where a session leads that cannot be paid now. A second submit of a paid one ends where the first did. */
function elsewhere(
  world: World,
  session: CheckoutSessionRecord | undefined,
  reply: FastifyReply,
): FastifyReply | undefined {
  if (session === undefined)
    return reply.code(404).send(notice('No such page', 'There is no Checkout Session with this id.'));
  if (session.status === 'complete') return afterCompletion(world, session, reply);
  if (session.status === 'expired') {
    return reply.code(410).send(notice('This page has expired', NOT_CHARGED, backTo(session)));
  }
  return undefined;
}

/** The shop, which knows what became of the order; unless the bank refused later, or the payment was ended. */
function afterCompletion(world: World, session: CheckoutSessionRecord, reply: FastifyReply): FastifyReply {
  const intent = world.store.paymentIntents.get(session.payment_intent ?? '');
  if (intent?.status === 'requires_payment_method') {
    const reason = intent.last_payment_error?.message ?? '';
    return reply.send(notice('This payment was refused', `${reason} ${NOT_CHARGED}`, backTo(session)));
  }
  if (intent?.status === 'canceled')
    return reply.send(notice('This payment was cancelled', NOT_CHARGED, backTo(session)));
  return reply.redirect(successUrl(session), 303);
}

const NOT_CHARGED = 'You have not been charged. Go back to the shop and try again.';

/**
 * To the bank, while it waits. A form that was sent twice ends there twice; one that was filled in after the challenge had
 * been left names that challenge, and is a new attempt.
 */
function toChallenge(
  world: World,
  session: CheckoutSessionRecord | undefined,
  reply: FastifyReply,
  insteadOf = '',
): FastifyReply | undefined {
  const intent = world.store.paymentIntents.get(session?.payment_intent ?? '');
  if (intent?.status !== 'requires_action' || intent.payment_method === insteadOf) return undefined;
  return reply.redirect(challengeUrl(world, intent), 303);
}

function backTo({ cancel_url }: CheckoutSessionRecord): { href: string; label: string } | undefined {
  return cancel_url === null ? undefined : { href: cancel_url, label: 'Back to the shop' };
}

function successUrl(session: CheckoutSessionRecord): string {
  return session.success_url.replaceAll('{CHECKOUT_SESSION_ID}', session.id);
}

/** The error of the attempt before, for example after a failed challenge. */
function lastErrors(world: World, session: CheckoutSessionRecord | undefined): FieldErrors {
  const error = world.store.paymentIntents.get(session?.payment_intent ?? '')?.last_payment_error;
  return error == null ? {} : errorsFromCode(error.code, error.message);
}

function pay(world: World, session: CheckoutSessionRecord, form: CheckoutForm, reply: FastifyReply): FastifyReply {
  const errors = attempt(world, session, form);
  world.store.commit();
  if (Object.keys(errors).length > 0) return reply.code(402).send(checkoutPage(world, session, form, errors));
  const current = world.store.sessions.get(session.id);
  return (
    elsewhere(world, current, reply) ??
    toChallenge(world, current, reply) ??
    reply.redirect(`/c/pay/${session.id}`, 303)
  );
}

/** In another tab, after this page was shown. */
const REMOVED = 'This card has been removed. Choose another one.';

function attempt(world: World, session: CheckoutSessionRecord, form: CheckoutForm): FieldErrors {
  if (session.amount_total === 0) {
    completeFreeSession(world, session);
    return {};
  }
  const saved = usesNewCard(form) ? undefined : chosenMethod(world, session, form);
  if (saved === undefined && !usesNewCard(form)) return { cardNumber: REMOVED };
  const missing = saved === undefined ? missingFields(form) : {};
  if (Object.keys(missing).length > 0) return missing;
  try {
    const method = saved ?? newMethod(world, form);
    paySession(world, session, method, { email: form.email || null, name: form.billingName || null, save: form.save });
    return {};
  } catch (error) {
    return errorsFrom(error);
  }
}
