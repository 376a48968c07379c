/** The error types of API 2026-10-28.endive (facts §6.9: api_error, card_error, idempotency_error, invalid_request_error). */
export type ErrorType = 'api_error' | 'card_error' | 'idempotency_error' | 'invalid_request_error';

export interface ErrorBody {
  type: ErrorType;
  message: string;
  code?: string;
  decline_code?: string;
  param?: string;
  doc_url?: string;
  request_log_url?: string;
  charge?: string;
  payment_intent?: object;
  payment_method?: object;
  setup_intent?: object;
}

export interface ErrorDetails {
  code?: string | undefined;
  param?: string | undefined;
  decline_code?: string | undefined;
  charge?: string | undefined;
  payment_intent?: object | undefined;
  payment_method?: object | undefined;
  setup_intent?: object | undefined;
}

/** An answer that is an error: thrown anywhere below the server, which writes it as Stripe does, `{error: {…}}`. */
export class StripeError extends Error {
  readonly body: ErrorBody;

  constructor(
    readonly status: number,
    type: ErrorType,
    message: string,
    details: ErrorDetails = {},
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    const present = Object.entries(details).filter(([, value]) => value !== undefined);
    this.body = { type, message, ...Object.fromEntries(present) };
    if (this.body.code !== undefined) this.body.doc_url = documentationOf(this.body.code);
  }
}

function documentationOf(code: string): string {
  return `https://stripe.com/docs/error-codes/${code.replaceAll('_', '-')}`;
}

export function invalidRequest(message: string, details: ErrorDetails = {}, status = 400): StripeError {
  return new StripeError(status, 'invalid_request_error', message, details);
}

export function cardError(message: string, details: ErrorDetails): StripeError {
  return new StripeError(402, 'card_error', message, details);
}

/** 404 when the id stands in the path, 400 when it stands in a parameter. */
export function resourceMissing(kind: string, id: string, param: string, status: 400 | 404): StripeError {
  return invalidRequest(`No such ${kind}: '${id}'`, { code: 'resource_missing', param }, status);
}

export function unknownPath(method: string, path: string): StripeError {
  const message =
    `Unrecognized request URL (${method}: ${path}). Please see https://stripe.com/docs or we can help at ` +
    'https://support.stripe.com/.';
  return invalidRequest(message, {}, 404);
}
