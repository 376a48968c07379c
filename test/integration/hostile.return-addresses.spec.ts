import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PartnersService } from '#partners';
import type { ApiClient } from '../support/api-client.js';
import { Holdfast } from '../support/holdfast.js';

/** Another key than the sandbox's own makes it test mode: its rules are those of live mode. */
const TEST_MODE = {
  ...{ STRIPE_SECRET_KEY: 'sk_test_of_this_test', STRIPE_PUBLISHABLE_KEY: 'pk_test_of_this_test' },
  ...{ STRIPE_WEBHOOK_SECRET: 'whsec_holdfast_sandbox', OPERATOR_KEY: 'operator-of-this-test' },
};
const GOOD = 'https://shop.example/paid';

/** What leads somewhere else than it seems to, or nowhere on the web; refused in every mode. */
const NEVER = [
  ...[
    '//evil.example',
    '///evil.example',
    '\\\\evil.example',
    '/\\evil.example',
    'shop.example/paid',
    '/paid',
    '',
    ' ',
    '#',
    '?a',
  ],
  ...['javascript:alert(1)', 'JaVaScRiPt:alert(1)', 'java\tscript:alert(1)', 'javascript://shop.example/%0aalert(1)'],
  ...[
    'data:text/html,<script>',
    'vbscript:x',
    'file:///etc/passwd',
    'ftp://shop.example/',
    'blob:https://shop.example/x',
    'about:blank',
  ],
  ...[
    'https:shop.example',
    'https:/shop.example',
    'https:///shop.example',
    'https:\\\\shop.example',
    'https:/\\evil.example',
    'https://',
  ],
  ...[
    'https://\\evil.example',
    'https://shop.example\\@evil.example',
    'https://shop.example\\.evil.example',
    'https://shop.example/a\\b',
  ],
  ...[
    'https://shop.example@evil.example/',
    'https://shop.example:x@evil.example',
    'https://@evil.example',
    'https://:@shop.example/',
  ],
  ...['https://user@shop.example/', 'https://user:password@shop.example/', 'https://%40evil.example/'],
  ...[
    'https://shop.exa\tmple/',
    'https://shop\n.example/',
    'ht\ntps://shop.example',
    ' https://shop.example/',
    'https://shop.example/ ',
    '\thttps://shop.example/',
  ],
  ...[
    'https://shop.example/\r\nSet-Cookie: a=b',
    'https://shop.example/\u0000',
    'https://shop.example/\u0085',
    'https://shop.example/\u2028',
  ],
  ...[
    'https://shop example/',
    'https://[::1',
    'https://shop.example:99999/',
    'https://shop.example:x/',
    'https://%00/',
    'https://a%2Fb/',
  ],
  ...['http://', 'https://?', 'https://#', 'https://{CHECKOUT_SESSION_ID}@evil.example/'],
];
/** Addresses of other hosts, some of which look like the registered one; refused where hosts are registered. */
const OTHER_HOSTS = [
  ...[
    'https://evil.example/',
    'https://shop.example.evil.example/',
    'https://evilshop.example/',
    'https://shop.example.',
  ],
  ...['https://shop.example:8443/', 'https://www.shop.example/', 'https://evil.example/?x=https://shop.example/'],
  ...['https://evil.example#shop.example', 'https://evil.example?@shop.example', 'https://evil.example;shop.example/'],
  ...[
    'https://xn--shp-0na.example/',
    'https://shöp.example/',
    'https://shop.exаmple/',
    'https://ѕhop.example/',
    'https://shop。evil.example/',
  ],
  ...['https://127.0.0.1/', 'https://[::1]/', 'https://0x7f000001/', 'https://2130706433/', 'https://169.254.169.254/'],
  ...['http://shop.example/', 'http://shop.example:443/', 'https://{CHECKOUT_SESSION_ID}.evil.example/'],
];
/** The registered host, however it is written; a browser would go there and nowhere else. */
const SAME_HOST = [
  GOOD,
  'https://shop.example',
  'HTTPS://SHOP.EXAMPLE/Paid',
  'https://shop.example:443/',
  'https://ｓhop.example/',
  `${GOOD}?a=//evil.example#x`,
];

interface Attempt {
  readonly address: string;
  readonly status: number;
  readonly code: unknown;
}

/** Tries each address as one of the two, on one order, which a refusal leaves in Placed. */
async function attempts(api: ApiClient, member: string, addresses: readonly string[]): Promise<Attempt[]> {
  const number = await api.placeOrder();
  const answers: Attempt[] = [];
  for (const address of addresses) {
    const urls = { successUrl: GOOD, errorUrl: GOOD, [member]: address };
    const { status, body } = await api.init(number, { createCheckoutSession: true, ...urls });
    answers.push({ address, status, code: status === 200 ? 'led to' : body.code });
    if (status === 400) expect(body.validationMessages[0].memberNames).toEqual([member]);
  }
  return answers;
}

const refused = (addresses: readonly string[], code: unknown): unknown[] =>
  addresses.map((address) => ({ address, status: 400, code }));

describe('where a customer is led after paying (open redirects)', () => {
  let sandboxMode: Holdfast;
  let testMode: Holdfast;
  let partner: ApiClient;

  beforeAll(async () => {
    sandboxMode = await Holdfast.start({ worker: false });
    testMode = await Holdfast.start({ worker: false, environment: TEST_MODE });
    const { partnerId, key } = await testMode.createPartner();
    partner = testMode.api.as(key);
    await testMode.app.get(PartnersService, { strict: false }).set(partnerId, { returnHosts: ['shop.example'] });
  });
  afterAll(async () => {
    await sandboxMode.stop();
    await testMode.stop();
  });

  it.each(['successUrl', 'errorUrl'])(
    '%s: what is no plain web address is refused in every mode, and nothing is made at Stripe',
    async (member) => {
      for (const [holdfast, api] of [
        [sandboxMode, sandboxMode.api],
        [testMode, partner],
      ] as const) {
        const before = await holdfast.controls.writes();
        const code = expect.stringMatching(/^(initPaymentDataRequest_not_valid|request-not-valid)$/);
        expect(await attempts(api, member, NEVER)).toEqual(refused(NEVER, code));
        expect(await holdfast.controls.writes()).toEqual(before);
      }
    },
  );

  it.each(['successUrl', 'errorUrl'])('%s: outside sandbox mode only a registered host, by https', async (member) => {
    const before = await testMode.controls.writes();
    const code = 'initPaymentDataRequest_not_valid';
    expect(await attempts(partner, member, OTHER_HOSTS)).toEqual(refused(OTHER_HOSTS, code));
    expect(await testMode.controls.writes()).toEqual(before);
  });

  it('the registered host is led to, however it is written, and every address that Stripe was given has it (control)', async () => {
    for (const address of SAME_HOST)
      expect(await attempts(partner, 'successUrl', [address])).toEqual([{ address, status: 200, code: 'led to' }]);
    const sessions = (await testMode.controls.writes('/v1/checkout/sessions')).map(
      ({ params }) => params as { success_url: string; cancel_url: string },
    );
    expect(sessions).toHaveLength(SAME_HOST.length);
    for (const { success_url, cancel_url } of sessions) {
      expect([success_url, cancel_url].map((address) => new URL(address).host)).toEqual([
        'shop.example',
        'shop.example',
      ]);
    }
  });

  it('a partner without registered hosts leads nowhere, and another’s hosts are not its own', async () => {
    const other = testMode.api.as((await testMode.createPartner()).key);
    expect(await attempts(other, 'successUrl', [GOOD])).toEqual(refused([GOOD], 'initPaymentDataRequest_not_valid'));
  });
});
