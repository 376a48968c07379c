import type { FastifyInstance, FastifyReply } from 'fastify';
import { endChallengeAndSession } from '../checkout/sessions.lifecycle.js';
import { parseForm } from '../http/form-encoding.js';
import { brandNameOf } from '../payments/cards.js';
import type { PaymentIntentRecord } from '../payments/payment-intent.record.js';
import { endSetupChallenge, type SetupIntentRecord } from '../payments/setup-intents.js';
import type { World } from '../world.js';
import { html } from './html.js';
import { layout, notice } from './layout.js';
import { money } from './money.js';

interface ChallengeRequest {
  Params: { id: string };
  Querystring: { client_secret?: string };
  Body: string | undefined;
}

type Intent = PaymentIntentRecord | SetupIntentRecord;

/** GET and POST /3ds/:id?client_secret=: the bank's page, for payments and set-ups, in Checkout and outside it. */
export function registerChallenge(app: FastifyInstance, world: World): void {
  app.get<ChallengeRequest>('/3ds/:id', (request, reply) => {
    world.clock.ringDue();
    const intent = intentOf(world, request.params.id, request.query.client_secret);
    if (intent === undefined) return notFound(reply);
    if (intent.status !== 'requires_action') return leave(world, intent, reply);
    return reply.send(challengePage(world, intent));
  });
  app.post<ChallengeRequest>('/3ds/:id', (request, reply) => {
    world.clock.ringDue();
    const intent = intentOf(world, request.params.id, request.query.client_secret);
    if (intent === undefined) return notFound(reply);
    const succeeded = parseForm(request.body ?? '')['outcome'] === 'complete';
    const ended = end(world, intent, succeeded);
    world.store.commit();
    return leave(world, ended, reply);
  });
}

function notFound(reply: FastifyReply): FastifyReply {
  return reply.code(404).send(notice('No such page', 'There is nothing to authenticate at this address.'));
}

function intentOf(world: World, id: string, clientSecret: string | undefined): Intent | undefined {
  const intent: Intent | undefined = world.store.paymentIntents.get(id) ?? world.store.setupIntents.get(id);
  return intent?.client_secret === clientSecret ? intent : undefined;
}

function end(world: World, intent: Intent, succeeded: boolean): Intent {
  return 'amount' in intent
    ? endChallengeAndSession(world, intent, succeeded)
    : endSetupChallenge(world, intent, succeeded);
}

/** Back to where the integration said, with what Stripe appends; or, in a frame, a message to the page around it. */
function leave(world: World, intent: Intent, reply: FastifyReply): FastifyReply {
  const returnUrl = intent.challenge_return_url;
  if (returnUrl === null) return reply.send(donePage(intent));
  const kind = 'amount' in intent ? 'payment_intent' : 'setup_intent';
  const failed = intent.status === 'requires_payment_method' || intent.status === 'canceled';
  const target = new URL(returnUrl);
  if (!returnUrl.startsWith(`${world.baseUrl}/c/pay/`)) {
    target.searchParams.set(kind, intent.id);
    target.searchParams.set(`${kind}_client_secret`, intent.client_secret);
    const pending = intent.status === 'processing';
    target.searchParams.set('redirect_status', failed ? 'failed' : pending ? 'pending' : 'succeeded');
  }
  return reply.redirect(target.href, 303);
}

function challengePage(world: World, intent: Intent): string {
  const ofPayment = 'amount' in intent;
  const card = world.store.paymentMethods.get(intent.payment_method ?? '')?.card_number ?? '';
  return layout(
    '3-D Secure',
    html`<form class="card bank" method="post" action="/3ds/${intent.id}?client_secret=${intent.client_secret}">
      <p class="quiet small">Your bank, played by this sandbox</p>
      <h1>3-D Secure</h1>
      ${
        ofPayment
          ? html`<p>Do you confirm this payment?</p>
              <p class="total">${money(intent.amount, intent.currency)}</p>`
          : html`<p>Do you confirm that your card is saved?</p>`
      }
      <p class="quiet">${brandNameOf(card) || 'Card'} ending in ${card.slice(-4)}</p>
      <button class="main full" type="submit" name="outcome" value="complete" data-testid="challenge-complete">
        Complete
      </button>
      <button class="full" type="submit" name="outcome" value="fail" data-testid="challenge-fail">Fail</button>
    </form>`,
  );
}

/** Told to the page that shows this one in a frame; it holds nothing secret but what that page already has. */
function donePage(intent: Intent): string {
  return layout(
    '3-D Secure',
    html`<div class="card bank">
        <h1>Done</h1>
        <p>You can close this page and go back to the shop.</p>
      </div>
      <script>
        const message = { source: 'stripe-sandbox', type: 'challenge-ended', intent: '${intent.id}' };
        for (const target of [window.parent, window.opener])
          if (target && target !== window) target.postMessage(message, '*');
      </script>`,
  );
}
