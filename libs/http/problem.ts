/** How grave a validation message is; only the last two stop an order. */
export type ValidationLevel = 'Info' | 'Warning' | 'ValidationError' | 'Error';

export interface ValidationMessage {
  readonly code: string;
  readonly level: ValidationLevel;
  readonly message: string;
  readonly source: 'order' | 'orderItem' | 'payment' | 'request';
  readonly orderItemNumber?: string;
  readonly memberNames?: readonly string[];
}

/** The media type of every refusal. */
export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

/** One kind of refusal. Rooms list theirs in `*.errors.ts`; docs/errors.md lists them all. */
export interface ProblemKind {
  readonly status: number;
  readonly code: string;
  readonly title: string;
}

interface ProblemDetails {
  readonly detail?: string;
  readonly validationMessages?: readonly ValidationMessage[];
  /** Seconds after which the same call may be repeated. */
  readonly retryAfter?: number;
  /** Further members of the body, such as `orderStatus`. */
  readonly members?: Readonly<Record<string, unknown>>;
}

/** A refusal on its way to the caller, as RFC 9457 `application/problem+json`. */
export class Problem extends Error {
  constructor(
    readonly kind: ProblemKind,
    readonly details: ProblemDetails = {},
  ) {
    super(details.detail ?? kind.title);
    this.name = 'Problem';
  }

  get status(): number {
    return this.kind.status;
  }

  /** The body; every field of the contract, always. */
  body(requestId: string): Record<string, unknown> {
    return {
      type: `urn:holdfast:problem:${this.kind.code}`,
      title: this.kind.title,
      status: this.kind.status,
      detail: this.message,
      code: this.kind.code,
      requestId,
      ...this.details.members,
      validationMessages: this.details.validationMessages ?? [],
    };
  }
}

/** Refusals that belong to no room. */
export const CREDENTIAL_NOT_VALID = {
  status: 401,
  code: 'credential-not-valid',
  title: 'No credential, or not a valid one',
};
export const TOO_MANY_FAILURES = {
  status: 429,
  code: 'too-many-failed-authentications',
  title: 'Too many credentials that are not valid came from this address, or resembled this key',
};
export const TOO_MANY_REQUESTS = {
  status: 429,
  code: 'too-many-requests',
  title: 'Too many requests in this minute, by this credential or from this address',
};
export const REQUEST_NOT_VALID = { status: 400, code: 'request-not-valid', title: 'The request is not valid' };
export const BODY_NOT_JSON = { status: 400, code: 'body-not-json', title: 'The body is not valid JSON' };
export const ROUTE_NOT_FOUND = { status: 404, code: 'route-not-found', title: 'There is no such address' };
export const BODY_TOO_LARGE = { status: 413, code: 'body-too-large', title: 'The body is larger than 1 MiB' };
export const MEDIA_TYPE_NOT_SUPPORTED = {
  status: 415,
  code: 'media-type-not-supported',
  title: 'The body must be application/json',
};
export const KEY_IN_FLIGHT = {
  status: 409,
  code: 'idempotency-key-in-flight',
  title: 'A request with the same Idempotency-Key is being answered',
};
export const KEY_REUSED = {
  status: 422,
  code: 'idempotency-key-reused',
  title: 'The Idempotency-Key was used with another body',
};
export const KEY_NOT_VALID = {
  status: 400,
  code: 'idempotency-key-not-valid',
  title: 'An Idempotency-Key has 1 to 255 printable characters',
};
export const HEADERS_TOO_LARGE = {
  status: 431,
  code: 'headers-too-large',
  title: 'The headers are larger than 16 KiB',
};
export const NOT_READY = { status: 503, code: 'not-ready', title: 'The database does not answer' };
export const INTERNAL_ERROR = { status: 500, code: 'internal-error', title: 'Something went wrong on our side' };
