import { invalidRequest, resourceMissing } from '../http/errors.js';
import { mergeMetadata, metadata } from '../http/metadata.js';
import { listOf, pageOf, pagingParameters, within } from '../http/paging.js';
import {
  boolean,
  hash,
  list,
  missing,
  oneOf,
  required,
  string,
  timeRange,
  url,
  type Values,
} from '../http/parameters.js';
import { route, type Call, type Route } from '../http/route.js';
import { newId, randomToken } from '../state/ids.js';
import { emit } from '../webhooks/events.js';
import type { World } from '../world.js';
import { customerToUse } from './customers.js';
import { chooseMethod, typeFiltersFrom } from './payment-intents.choices.js';
import { paymentMethodData } from './payment-intents.parameters.js';
import { publicSetupIntent } from './public-views.js';
import { presentSetupIntent, trySetup, type SetupConfirmation, type SetupIntentRecord } from './setup-intents.js';

const createParameters = {
  allowed_payment_method_types: list(string()),
  automatic_payment_methods: hash({ enabled: required(boolean()), allow_redirects: oneOf('always', 'never') }),
  confirm: boolean(),
  customer: string(),
  description: string(),
  excluded_payment_method_types: list(string()),
  metadata: metadata(),
  payment_method: string(),
  payment_method_data: hash(paymentMethodData),
  return_url: url(),
  usage: oneOf('off_session', 'on_session'),
  use_stripe_sdk: boolean(),
};
const confirmParameters = {
  allowed_payment_method_types: list(string()),
  client_secret: string(),
  payment_method: string(),
  payment_method_data: hash(paymentMethodData),
  return_url: url(),
  use_stripe_sdk: boolean(),
};

/** /v1/setup_intents (https://docs.stripe.com/api/setup_intents). */
export const setupIntentRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/v1/setup_intents',
    parameters: createParameters,
    answers: 'setup_intent',
    run: ({ world, params }) => presentSetupIntent(world, create(world, params)),
  }),
  route({
    method: 'GET',
    path: '/v1/setup_intents',
    parameters: { ...pagingParameters, created: timeRange(), customer: string(), payment_method: string() },
    answers: 'setup_intent',
    list: true,
    run({ world, params, url: address }) {
      const page = pageOf(world.store.setupIntents, params, (intent) => {
        return (
          within(intent.created, params.created) &&
          (params.customer ?? intent.customer) === intent.customer &&
          (params.payment_method ?? intent.payment_method) === intent.payment_method
        );
      });
      return listOf(
        page.rows.map((intent) => presentSetupIntent(world, intent)),
        page.hasMore,
        address,
      );
    },
  }),
  route({
    method: 'GET',
    path: '/v1/setup_intents/:id',
    parameters: { client_secret: string() },
    answers: 'setup_intent',
    publishable: true,
    run: (call) => shown(call, intentOf(call, call.params.client_secret)),
  }),
  route({
    method: 'POST',
    path: '/v1/setup_intents/:id/confirm',
    parameters: confirmParameters,
    answers: 'setup_intent',
    publishable: true,
    run(call) {
      const intent = intentOf(call, call.params.client_secret);
      return shown(call, confirm(call.world, intent, call.params));
    },
  }),
  route({
    method: 'POST',
    path: '/v1/setup_intents/:id/cancel',
    parameters: { cancellation_reason: oneOf('abandoned', 'duplicate', 'requested_by_customer') },
    answers: 'setup_intent',
    run: cancel,
  }),
];

/** With a publishable key only what a customer may see. */
function shown(call: Call, intent: SetupIntentRecord): object {
  const presented = presentSetupIntent(call.world, intent);
  return call.key === 'publishable' ? publicSetupIntent(presented) : presented;
}

function intentOf(call: Call, clientSecret?: string): SetupIntentRecord {
  const id = call.path['id'] ?? '';
  const intent = call.world.store.setupIntents.get(id);
  if (intent === undefined) throw resourceMissing('setupintent', id, 'intent', 404);
  if (call.key === 'publishable' && clientSecret === undefined) throw missing('client_secret');
  if (clientSecret !== undefined && clientSecret !== intent.client_secret) {
    const message = 'The client_secret provided does not match the client_secret associated with the SetupIntent.';
    throw invalidRequest(message, { code: 'setup_intent_invalid_parameter', param: 'client_secret' });
  }
  return intent;
}

function create(world: World, params: Values<typeof createParameters>): SetupIntentRecord {
  if (params.return_url !== undefined && params.confirm !== true) {
    const message =
      'The parameter `return_url` cannot be passed when creating a SetupIntent unless `confirm` is set to true.';
    throw invalidRequest(message, { param: 'return_url' });
  }
  const id = newId('seti');
  const customer = params.customer === undefined ? null : customerToUse(world, params.customer).id;
  const method = chooseMethod(world, params, customer, null);
  const automatic = params.automatic_payment_methods;
  const intent: SetupIntentRecord = {
    id,
    created: world.clock.seconds(),
    status: method === undefined ? 'requires_payment_method' : 'requires_confirmation',
    client_secret: `${id}_secret_${randomToken(25)}`,
    customer,
    payment_method: method?.id ?? null,
    usage: params.usage ?? 'off_session',
    description: params.description ?? null,
    automatic_payment_methods:
      automatic?.enabled === false ? null : { enabled: true, allow_redirects: automatic?.allow_redirects ?? 'always' },
    ...typeFiltersFrom(params, { allowed_payment_method_types: null, excluded_payment_method_types: null }),
    cancellation_reason: null,
    last_setup_error: null,
    next_action: null,
    challenge_return_url: null,
    metadata: mergeMetadata({}, params.metadata),
  };
  const how = params.confirm === true ? confirmationFrom(intent, params) : undefined;
  if (how !== undefined && method === undefined) throw missingMethod();
  const created = world.store.setupIntents.insert(intent);
  emit(world, 'setup_intent.created', presentSetupIntent(world, created));
  return how === undefined || method === undefined ? created : trySetup(world, created, method, how);
}

function confirm(world: World, intent: SetupIntentRecord, params: Values<typeof confirmParameters>): SetupIntentRecord {
  refuseUnlessOpen(world, intent, 'confirm');
  const method = chooseMethod(world, params, intent.customer, intent.payment_method);
  if (method === undefined) throw missingMethod();
  return trySetup(world, intent, method, confirmationFrom(intent, params));
}

function confirmationFrom(
  intent: SetupIntentRecord,
  params: { readonly return_url?: string | undefined; readonly use_stripe_sdk?: boolean | undefined },
): SetupConfirmation {
  if (params.return_url === undefined && intent.automatic_payment_methods?.allow_redirects === 'always') {
    const message =
      'You must provide a `return_url` when confirming this SetupIntent, because it accepts payment methods that might redirect. ' +
      'Set `automatic_payment_methods[allow_redirects]` to `never` if you do not want them.';
    throw invalidRequest(message, { param: 'return_url' });
  }
  return { useStripeSdk: params.use_stripe_sdk ?? false, returnUrl: params.return_url ?? null };
}

function missingMethod(): Error {
  const message = "You cannot confirm this SetupIntent because it's missing a payment method.";
  return invalidRequest(message, { code: 'setup_intent_unexpected_state' });
}

function refuseUnlessOpen(world: World, intent: SetupIntentRecord, operation: string): void {
  if (intent.status !== 'succeeded' && intent.status !== 'canceled') return;
  const message = `You cannot ${operation} this SetupIntent because it has a status of ${intent.status}.`;
  throw invalidRequest(message, {
    code: 'setup_intent_unexpected_state',
    setup_intent: presentSetupIntent(world, intent),
  });
}

function cancel(
  call: Call<{ cancellation_reason: ReturnType<typeof oneOf<'abandoned' | 'duplicate' | 'requested_by_customer'>> }>,
): object {
  const { world, params } = call;
  const intent = intentOf(call);
  refuseUnlessOpen(world, intent, 'cancel');
  const canceled = world.store.setupIntents.update(intent, {
    status: 'canceled',
    cancellation_reason: params.cancellation_reason ?? null,
    next_action: null,
  });
  emit(world, 'setup_intent.canceled', presentSetupIntent(world, canceled));
  return presentSetupIntent(world, canceled);
}
