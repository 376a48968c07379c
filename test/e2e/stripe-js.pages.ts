import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * Pages of a partner, as Stripe's documentation writes them: nothing in them knows of the sandbox but the address of the
 * script. They are served from an origin of their own. What Stripe.js answered is written into `#result`, as JSON.
 */
export async function servePages(stripeJs: string): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://pages');
    const body = PAGES[pathname];
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'text/html; charset=utf-8' });
    response.end(body === undefined ? '' : document(stripeJs, body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function document(stripeJs: string, body: string): string {
  return `<!doctype html><html lang="en"><head><title>Pay</title><script src="${stripeJs}"></script></head><body>
    <script>
      const query = new URLSearchParams(location.search);
      const clientSecret = query.get('secret');
      const stripe = Stripe('pk_test_holdfast');
      const tell = (result) => { document.querySelector('#result').textContent = JSON.stringify(result); };
      const onSubmit = (pay) => document.querySelector('form').addEventListener('submit', async (event) => {
        event.preventDefault();
        document.querySelector('#result').textContent = '';
        tell(await pay().catch((error) => ({ thrown: error.name + ': ' + error.message })));
      });
    </script>
    ${body}<output id="result"></output></body></html>`;
}

const CARD_OPTIONS = `{ billing_details: { name: 'Jenny Rosen' } }`;

const PAGES: Readonly<Record<string, string>> = {
  // https://docs.stripe.com/payments/accept-card-payments (the card element)
  '/card': `<form><div id="card"></div><div id="card-errors" style="min-height: 2em"></div><button>Pay</button></form><script>
      const card = stripe.elements().create('card', { style: { base: { fontSize: '18px' } }, hidePostalCode: true });
      card.mount('#card');
      card.on('ready', () => { document.body.dataset.ready = 'yes'; });
      card.on('change', ({ error, complete, brand }) => {
        document.querySelector('#card-errors').textContent = error ? error.code : '';
        Object.assign(document.body.dataset, { complete, brand });
      });
      onSubmit(() => stripe.confirmCardPayment(clientSecret, {
        payment_method: { card, ...${CARD_OPTIONS} },
        ...(query.has('save') ? { setup_future_usage: 'on_session' } : {}),
      }));
    </script>`,

  // The same card in three elements.
  '/split': `<form><div id="number"></div><div id="expiry"></div><div id="cvc"></div><button>Pay</button></form><script>
      const elements = stripe.elements();
      const cardNumber = elements.create('cardNumber');
      cardNumber.mount('#number');
      elements.create('cardExpiry').mount('#expiry');
      elements.create('cardCvc').mount('#cvc');
      onSubmit(() => stripe.confirmCardPayment(clientSecret, { payment_method: { card: cardNumber, ...${CARD_OPTIONS} } }));
    </script>`,

  // https://docs.stripe.com/payments/accept-a-payment (the payment element)
  '/payment': `<form><div id="payment"></div><button>Pay</button></form><script>
      const elements = stripe.elements({ clientSecret, appearance: { theme: 'stripe' } });
      elements.create('payment', { layout: 'tabs' }).mount('#payment');
      onSubmit(() => stripe.confirmPayment({
        elements,
        confirmParams: { return_url: location.origin + '/return?order=7' },
        ...(query.has('stay') ? { redirect: 'if_required' } : {}),
      }));
    </script>`,

  // https://docs.stripe.com/payments/accept-a-payment-deferred (the intent is made after the form)
  '/deferred': `<form><div id="payment"></div><button>Pay</button></form><script>
      const elements = stripe.elements({ mode: 'payment', amount: Number(query.get('amount')), currency: 'eur' });
      elements.create('payment').mount('#payment');
      onSubmit(async () => {
        if (query.has('submit')) {
          const { error } = await elements.submit();
          if (error) return { error };
        }
        return stripe.confirmPayment({
          elements, clientSecret, redirect: 'if_required', confirmParams: { return_url: location.origin + '/return' },
        });
      });
    </script>`,

  // https://docs.stripe.com/payments/finalize-payments-on-the-server: the server confirms, the page shows what is left to do
  '/action': `<form><div id="card"></div><button>Pay</button></form><script>
      const card = stripe.elements().create('card');
      card.mount('#card');
      onSubmit(() => (query.has('method')
        ? stripe.createPaymentMethod({ type: 'card', card, ...${CARD_OPTIONS} })
        : stripe.handleNextAction({ clientSecret })));
    </script>`,

  // https://docs.stripe.com/payments/quickstart as it was with the link authentication element, its appearance, fonts and events
  '/quickstart': `<form><div id="email"></div><div id="payment"></div><div id="wallets"></div><button>Pay</button></form><script>
      const seen = [];
      const elements = stripe.elements({
        clientSecret,
        locale: 'auto',
        loader: 'auto',
        fonts: [{ cssSrc: 'https://fonts.example/css?family=Inter' }],
        appearance: { theme: 'night', variables: { colorPrimary: '#99ccff', borderRadius: '0px' }, rules: { '.Input': {} } },
      });
      const link = elements.create('linkAuthentication', { defaultValues: { email: query.get('email') || '' } });
      link.on('change', (event) => { document.body.dataset.email = event.value.email; });
      link.mount('#email');
      const payment = elements.create('payment', {
        layout: { type: 'accordion', defaultCollapsed: false },
        defaultValues: { billingDetails: { name: 'Jenny Rosen' } },
        fields: { billingDetails: { address: 'auto' } }, terms: { card: 'never' }, wallets: { applePay: 'auto' },
      });
      for (const name of ['loaderstart', 'ready', 'focus', 'blur', 'escape', 'loaderror']) {
        payment.on(name, ({ elementType }) => { seen.push(name + ':' + elementType); document.body.dataset.seen = seen.join(' '); });
      }
      payment.mount('#payment');
      const express = elements.create('expressCheckout', { buttonType: { applePay: 'buy' } });
      express.on('ready', ({ availablePaymentMethods }) => { document.body.dataset.wallets = String(availablePaymentMethods); });
      express.on('confirm', () => stripe.confirmPayment({ elements }));
      express.mount('#wallets');
      onSubmit(() => stripe.confirmPayment({
        elements, redirect: 'if_required',
        confirmParams: { return_url: location.origin + '/return', receipt_email: document.body.dataset.email },
      }));
    </script>`,

  // https://docs.stripe.com/payments/save-and-reuse (the payment element, and before it the card element)
  '/setup': `<form><div id="payment"></div><button>Pay</button></form><script>
      const cardOnly = query.has('card');
      const elements = cardOnly ? stripe.elements() : stripe.elements({ clientSecret });
      const element = elements.create(cardOnly ? 'card' : 'payment');
      element.mount('#payment');
      onSubmit(() => cardOnly
        ? stripe.confirmCardSetup(clientSecret, { payment_method: { card: element, ...${CARD_OPTIONS} } })
        : stripe.confirmSetup({
            elements, confirmParams: { return_url: location.origin + '/return' },
            ...(query.has('stay') ? { redirect: 'if_required' } : {}),
          }));
    </script>`,

  // https://docs.stripe.com/payments/accept-a-payment-deferred?integration=legacy: a payment method first, confirmed on the server
  '/deferred-server': `<form><div id="payment"></div><button>Pay</button></form><script>
      const elements = stripe.elements({
        mode: 'payment', amount: 1000, currency: 'eur', captureMethod: 'manual', paymentMethodCreation: 'manual',
        setupFutureUsage: 'off_session', allowedPaymentMethodTypes: ['card'],
      });
      elements.update({ amount: 2500 });
      elements.create('payment').mount('#payment');
      onSubmit(async () => {
        if (!query.has('unsubmitted')) {
          const { error } = await elements.submit();
          if (error) return { error };
        }
        return stripe.createPaymentMethod({ elements, params: { billing_details: { name: 'Jenny Rosen' } } });
      });
    </script>`,

  '/return': '<h1>Thank you</h1>',
};
