/** The test cards (facts §9, https://docs.stripe.com/testing) and what each does. */

/** How a payment is refused. `code` and `declineCode` are Stripe's; `message` is what it tells the customer. */
export interface Decline {
  readonly code: string;
  readonly declineCode: string | null;
  readonly message: string;
}

export interface TestCard {
  readonly number: string;
  readonly brand: string;
  readonly funding: 'credit' | 'debit' | 'prepaid';
  /**
   * When 3-D Secure is demanded: never; only if asked for (`request_three_d_secure`); on every payment; on every payment but
   * an off-session one after set-up; on every payment but an off-session one.
   */
  readonly challenge: 'never' | 'on_request' | 'always' | 'until_set_up' | 'on_session';
  readonly supportsThreeDSecure: boolean;
  /** Refused when charged; with a challenge, refused after it. */
  readonly decline?: Decline;
  /** Refused already when it is attached to a customer (all declining cards but 4000000000000341). */
  readonly declinesAttachment: boolean;
  /** The 3-D Secure look-up fails before the customer sees a challenge. */
  readonly authenticationFails?: true;
  readonly blockedByRadar?: true;
  /** The bank takes its time, and then accepts or refuses. No card of Stripe's does so: these two are the sandbox's own. */
  readonly processing?: 'succeeds' | 'fails';
  readonly refund?: 'pending' | 'fails_later';
  /** How it is disputed once it was captured. */
  readonly dispute?: DisputeKind;
}

/** An inquiry only asks (`warning_needs_response`); the others take the money back at once. */
export type DisputeKind = 'fraudulent' | 'product_not_received' | 'inquiry';

function declined(declineCode: string, message = 'Your card was declined.'): Decline {
  return { code: 'card_declined', declineCode, message };
}

// The messages were verified live (facts §9).
const PROCESSING_ERROR = 'An error occurred while processing your card. Try again in a little bit.';
const GENERIC_DECLINE = declined('generic_decline');
const INSUFFICIENT_FUNDS = declined('insufficient_funds', 'Your card has insufficient funds.');
const EXPIRED: Decline = { code: 'expired_card', declineCode: null, message: 'Your card has expired.' };
const INCORRECT_CVC: Decline = {
  code: 'incorrect_cvc',
  declineCode: null,
  message: "Your card's security code is incorrect.",
};
const PROCESSING: Decline = { code: 'processing_error', declineCode: null, message: PROCESSING_ERROR };

/** Facts §3.5: an off-session payment that needs the customer. */
export const AUTHENTICATION_REQUIRED: Decline = {
  code: 'authentication_required',
  declineCode: 'authentication_required',
  message: 'Your card was declined. This transaction requires authentication.',
};
/** https://docs.stripe.com/testing: a real card number in a sandbox. */
export const LIVE_CARD_IN_TEST: Decline = declined(
  'test_mode_live_card',
  'Your card was declined. Your request was in test mode, but used a non test card. For a list of valid test cards, ' +
    'visit: https://stripe.com/docs/testing.',
);

/** What a bank that took its time says when it refuses. */
export const PROCESSING_FAILED = GENERIC_DECLINE;

/** The decline that the controls plan (fault `decline`); without a code a generic one. */
export function plannedDecline(declineCode: string | null): Decline {
  return declineCode === null ? GENERIC_DECLINE : declined(declineCode);
}

/** In the order in which they are tried. The name is for people. */
export const BRANDS: readonly { readonly brand: string; readonly name: string; readonly pattern: RegExp }[] = [
  { brand: 'visa', name: 'Visa', pattern: /^4/ },
  { brand: 'mastercard', name: 'Mastercard', pattern: /^(5[1-5]|2[2-7])/ },
  { brand: 'amex', name: 'American Express', pattern: /^3[47]/ },
  { brand: 'diners', name: 'Diners Club', pattern: /^3[068]/ },
  { brand: 'jcb', name: 'JCB', pattern: /^35/ },
  { brand: 'unionpay', name: 'UnionPay', pattern: /^62/ },
  { brand: 'discover', name: 'Discover', pattern: /^6/ },
];

type Traits = Partial<Omit<TestCard, 'number'>>;

function card(number: string, tokens: string, traits: Traits = {}): [TestCard, string[]] {
  const made: TestCard = {
    number,
    brand: brandOf(number),
    funding: 'credit',
    challenge: 'never',
    supportsThreeDSecure: true,
    declinesAttachment: traits.decline !== undefined && (traits.challenge ?? 'never') === 'never',
    ...traits,
  };
  return [made, tokens.split(' ').map((token) => `pm_card_${token}`)];
}

const TEST_CARDS: readonly [TestCard, string[]][] = [
  card('4242424242424242', 'visa'),
  card('4000056655665556', 'visa_debit', { funding: 'debit' }),
  card('5555555555554444', 'mastercard'),
  card('2223003122003222', 'mastercard_series_2'),
  card('5200828282828210', 'mastercard_debit', { funding: 'debit' }),
  card('5105105105105100', 'mastercard_prepaid', { funding: 'prepaid' }),
  card('378282246310005', 'amex amex_threeDSecureNotSupported', { supportsThreeDSecure: false }),
  card('6011111111111117', 'discover', { supportsThreeDSecure: false }),
  card('3056930009020004', 'diners', { supportsThreeDSecure: false }),
  card('3566002020360505', 'jcb', { supportsThreeDSecure: false }),
  card('6200000000000005', 'unionpay', { supportsThreeDSecure: false }),
  card('4000002760003184', 'authenticationRequired', { challenge: 'always' }),
  card('4000002500003155', 'authenticationRequiredOnSetup', { challenge: 'until_set_up' }),
  card('4000003800000446', 'authenticationRequiredSetupForOffSession', { challenge: 'on_session' }),
  card('4000008260003178', 'authenticationRequiredChargeDeclinedInsufficientFunds', {
    challenge: 'always',
    decline: INSUFFICIENT_FUNDS,
  }),
  card('4000000000003220', 'threeDSecure2Required', { challenge: 'always' }),
  card('4000008400001629', 'threeDSecureRequiredChargeDeclined', { challenge: 'always', decline: GENERIC_DECLINE }),
  card('4000008400001280', 'threeDSecureRequiredProcessingError', { challenge: 'always', authenticationFails: true }),
  card('4000000000003055', 'threeDSecureOptional', { challenge: 'on_request' }),
  card('4000000000003097', 'threeDSecureOptionalProcessingError', {
    challenge: 'on_request',
    authenticationFails: true,
  }),
  card('4000000000000002', 'visa_chargeDeclined chargeDeclined', { decline: GENERIC_DECLINE }),
  card('4000000000009995', 'visa_chargeDeclinedInsufficientFunds chargeDeclinedInsufficientFunds', {
    decline: INSUFFICIENT_FUNDS,
  }),
  card('4000000000009987', 'visa_chargeDeclinedLostCard chargeDeclinedLostCard', { decline: declined('lost_card') }),
  card('4000000000009979', 'visa_chargeDeclinedStolenCard chargeDeclinedStolenCard', {
    decline: declined('stolen_card'),
  }),
  card('4000000000000069', 'chargeDeclinedExpiredCard', { decline: EXPIRED }),
  card('4000000000000127', 'chargeDeclinedIncorrectCvc', { decline: INCORRECT_CVC }),
  card('4000000000000119', 'chargeDeclinedProcessingError', { decline: PROCESSING }),
  card('4000000000006975', 'visa_chargeDeclinedVelocityLimitExceeded chargeDeclinedVelocityLimitExceeded', {
    decline: declined(
      'card_velocity_exceeded',
      'Your card was declined for making repeated attempts too frequently or exceeding its amount limit.',
    ),
  }),
  card('4000000000000341', 'chargeCustomerFail', { decline: GENERIC_DECLINE, declinesAttachment: false }),
  card('4100000000000019', 'radarBlock', { decline: declined('fraudulent'), blockedByRadar: true }),
  card('4000000000006009', 'sandboxProcessing', { processing: 'succeeds' }),
  card('4000000000006017', 'sandboxProcessingFails', { processing: 'fails' }),
  card('4000000000007726', 'pendingRefund', { refund: 'pending' }),
  card('4000000000005126', 'refundFail', { refund: 'fails_later' }),
  card('4000000000000259', 'createDispute', { dispute: 'fraudulent' }),
  card('4000000000002685', 'createDisputeProductNotReceived', { dispute: 'product_not_received' }),
  card('4000000000001976', 'createDisputeInquiry', { dispute: 'inquiry' }),
];

const BY_NUMBER = new Map(TEST_CARDS.map(([made]) => [made.number, made]));
const BY_TOKEN = new Map(TEST_CARDS.flatMap(([made, tokens]) => tokens.map((token) => [token, made] as const)));

export function cardByToken(token: string): TestCard | undefined {
  return BY_TOKEN.get(token);
}

/** The card of a number; one that is no test card is refused when charged, as Stripe refuses real cards in a sandbox. */
export function cardByNumber(number: string): TestCard {
  return BY_NUMBER.get(number) ?? card(number, '', { decline: LIVE_CARD_IN_TEST })[0];
}

/** The check digit that every card number ends with (ISO/IEC 7812-1). */
export function passesLuhn(number: string): boolean {
  if (!/^\d{12,19}$/.test(number)) return false;
  let sum = 0;
  for (const [index, digit] of [...number].reverse().entries()) {
    const doubled = Number(digit) * (index % 2 === 0 ? 1 : 2);
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

function brandOf(number: string): string {
  return BRANDS.find(({ pattern }) => pattern.test(number))?.brand ?? 'unknown';
}

/** What people call the brand of a number, also of its beginning; empty when it is not known. */
export function brandNameOf(number: string): string {
  return BRANDS.find(({ pattern }) => pattern.test(number))?.name ?? '';
}
