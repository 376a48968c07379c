import { StripeError } from '../http/errors.js';
import type { FormHash } from '../http/form-encoding.js';
import { NO_BILLING_DETAILS } from '../payments/contact.parameters.js';
import { createPaymentMethod, type PaymentMethodRecord } from '../payments/payment-methods.js';
import type { CheckoutSessionRecord } from '../checkout/session.record.js';
import type { World } from '../world.js';
import { savedMethodsOf } from './saved-methods.js';

/** What the customer filled in, as text, so that the page can show it again beside an error. */
export interface CheckoutForm {
  readonly paymentMethod: string;
  readonly cardNumber: string;
  readonly cardExpiry: string;
  readonly cardCvc: string;
  readonly billingName: string;
  readonly email: string;
  readonly save: boolean;
  /** The payment method of a challenge that was left unanswered, when this attempt is to replace that one. */
  readonly insteadOf: string;
}

export type Field = 'cardNumber' | 'cardExpiry' | 'cardCvc';
/** In the order in which they stand on the page. */
export const FIELD_NAMES: readonly Field[] = ['cardNumber', 'cardExpiry', 'cardCvc'];
export type FieldErrors = Partial<Record<Field, string>>;

export const EMPTY_FORM: CheckoutForm = {
  paymentMethod: '',
  cardNumber: '',
  cardExpiry: '',
  cardCvc: '',
  billingName: '',
  email: '',
  save: false,
  insteadOf: '',
};

export function readCheckoutForm(form: FormHash): CheckoutForm {
  const text = (name: string) => (typeof form[name] === 'string' ? form[name].trim() : '');
  return {
    paymentMethod: text('paymentMethod'),
    cardNumber: text('cardNumber'),
    cardExpiry: text('cardExpiry'),
    cardCvc: text('cardCvc'),
    billingName: text('billingName'),
    email: text('email'),
    save: text('save') !== '',
    insteadOf: text('insteadOf'),
  };
}

/** A card that was typed in is meant, even when a saved one is still ticked. */
export function usesNewCard(form: CheckoutForm): boolean {
  return form.cardNumber !== '' || form.paymentMethod === '' || form.paymentMethod === 'new';
}

/** The saved card that was chosen, if it is one of those that the page shows. */
export function chosenMethod(
  world: World,
  session: CheckoutSessionRecord,
  form: CheckoutForm,
): PaymentMethodRecord | undefined {
  return savedMethodsOf(world, session).find((method) => method.id === form.paymentMethod);
}

/** The empty and malformed fields; whether the card is one is for `newMethod` to find out. */
export function missingFields(form: CheckoutForm): FieldErrors {
  const errors: FieldErrors = {};
  if (form.cardNumber === '') errors.cardNumber = 'Enter your card number.';
  if (expiryOf(form.cardExpiry) === undefined) errors.cardExpiry = 'Enter the expiration date as MM / YY.';
  if (form.cardCvc === '') errors.cardCvc = 'Enter your security code.';
  return errors;
}

/** @throws a card error, see `fieldOf` */
export function newMethod(world: World, form: CheckoutForm): PaymentMethodRecord {
  const expiry = expiryOf(form.cardExpiry) ?? { month: 0, year: 0 };
  return createPaymentMethod(world, {
    card: {
      number: form.cardNumber.replaceAll(/[ -]/g, ''),
      exp_month: expiry.month,
      exp_year: expiry.year,
      cvc: form.cardCvc,
    },
    billing_details: { ...NO_BILLING_DETAILS, name: form.billingName || null, email: form.email || null },
  });
}

/** `4 / 30`, `04/30`, `0430`, `04/2030`. */
function expiryOf(text: string): { month: number; year: number } | undefined {
  const match = /^(\d{1,2})\s*\/\s*(\d{4}|\d{2})$|^(\d{2})(\d{2})$/.exec(text);
  if (match === null) return undefined;
  const year = Number(match[2] ?? match[4]);
  return { month: Number(match[1] ?? match[3]), year: year < 100 ? 2000 + year : year };
}

const FIELDS: Readonly<Record<string, Field>> = {
  invalid_expiry_month: 'cardExpiry',
  invalid_expiry_year: 'cardExpiry',
  expired_card: 'cardExpiry',
  invalid_cvc: 'cardCvc',
  incorrect_cvc: 'cardCvc',
};

/** Beside which field an error belongs; a decline belongs to the card. */
export function errorsFrom(error: unknown): FieldErrors {
  if (!(error instanceof StripeError)) throw error;
  return { [FIELDS[error.body.code ?? ''] ?? 'cardNumber']: error.message };
}

export function errorsFromCode(code: string, message: string): FieldErrors {
  return { [FIELDS[code] ?? 'cardNumber']: message };
}
