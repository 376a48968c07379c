import { expect, test } from '@jest/globals';
import Stripe from 'stripe';
import { openReceiver, openSandbox, refusal } from './sandbox.fixture.js';

test('the journey: reserve, capture a part, webhooks', async () => {
  const receiver = await openReceiver();
  const t0 = performance.now();
  const f = await openSandbox({ webhookEndpoints: [{ url: receiver.url, secret: 'whsec_holdfast_sandbox' }] });
  console.log('start ms', performance.now() - t0);
  const { stripe } = f;
  const customer = await stripe.customers.create({ email: 'a@b.c', metadata: { x: '1' } });
  const pi = await stripe.paymentIntents.create({
    amount: 5000,
    currency: 'EUR',
    capture_method: 'manual',
    customer: customer.id,
    confirm: true,
    payment_method: 'pm_card_visa',
    automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
    expand: ['latest_charge.payment_intent', 'customer'],
    setup_future_usage: 'on_session',
  });
  expect(pi.status).toBe('requires_capture');
  console.log(JSON.stringify((pi.latest_charge as Stripe.Charge).payment_method_details));
  const done = await stripe.paymentIntents.capture(pi.id, { amount_to_capture: 4000 });
  expect(done.amount_received).toBe(4000);
  const e = await refusal(
    stripe.paymentIntents.create({
      amount: 5000,
      currency: 'eur',
      confirm: true,
      payment_method: 'pm_card_chargeDeclined',
      return_url: 'https://a.b/',
    }),
  );
  console.log(e.code, e.decline_code, e.message, e.payment_intent?.status, e.requestId);
  await receiver.until(9);
  for (const r of receiver.received) stripe.webhooks.constructEvent(r.body, r.signature, 'whsec_holdfast_sandbox');
  console.log(receiver.received.map((r) => r.event.type));
  const session = await stripe.checkout.sessions.create({
    mode: 'payment',
    success_url: 'https://a.b/{CHECKOUT_SESSION_ID}',
    line_items: [{ quantity: 2, price_data: { currency: 'eur', unit_amount: 1000, product_data: { name: 'Ticket' } } }],
    payment_intent_data: { capture_method: 'manual' },
  });
  console.log(session.url, session.payment_status);
  console.log((await stripe.checkout.sessions.listLineItems(session.id)).data[0]?.price?.unit_amount_decimal);
  console.log(JSON.stringify(await f.control('GET', 'ledger')));
  console.log((await stripe.events.list({ limit: 3 })).data.map((x) => x.type));
  await f.sandbox.close();
  await receiver.close();
});
