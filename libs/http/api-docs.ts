import { applyDecorators, type Type } from '@nestjs/common';
import {
  ApiBody,
  ApiExtraModels,
  ApiHeader,
  ApiOperation,
  ApiProperty,
  ApiQuery,
  ApiResponse,
  getSchemaPath,
} from '@nestjs/swagger';
import {
  BODY_NOT_JSON,
  BODY_TOO_LARGE,
  CREDENTIAL_NOT_VALID,
  INTERNAL_ERROR,
  KEY_IN_FLIGHT,
  KEY_NOT_VALID,
  KEY_REUSED,
  MEDIA_TYPE_NOT_SUPPORTED,
  NOT_READY,
  Problem,
  REQUEST_NOT_VALID,
  TOO_MANY_FAILURES,
  TOO_MANY_REQUESTS,
  type ProblemKind,
} from './problem.js';
import { TakesNoQuery } from './request-query.js';

class ValidationMessageDto {
  @ApiProperty({ example: 'invalid-value' }) code: string;
  @ApiProperty({ enum: ['Info', 'Warning', 'ValidationError', 'Error'] }) level: string;
  @ApiProperty({ example: 'items[0].quantity: must not be less than 1' }) message: string;
  @ApiProperty({ enum: ['order', 'orderItem', 'payment', 'request'] }) source: string;
  @ApiProperty({ required: false, example: '26-100000-1' }) orderItemNumber?: string;
  @ApiProperty({ required: false, type: [String], example: ['items[0].quantity'] }) memberNames?: string[];
}

class ProblemDto {
  @ApiProperty({ example: 'urn:holdfast:problem:request-not-valid' }) type: string;
  @ApiProperty() title: string;
  @ApiProperty({ example: 400 }) status: number;
  @ApiProperty() detail: string;
  @ApiProperty({ example: 'request-not-valid' }) code: string;
  @ApiProperty({ example: 'req_4f0eZ0cVg1' }) requestId: string;
  @ApiProperty({ required: false, description: 'With 409: the status that forbids the call' }) orderStatus?: string;
  @ApiProperty({ type: [ValidationMessageDto] }) validationMessages: ValidationMessageDto[];
}

interface CallDocs {
  readonly summary: string;
  readonly description?: string;
  /** The good answers: status → what it means and its type (none for 204). */
  readonly answers: Readonly<Record<number, { description: string; type?: Type; example?: unknown }>>;
  /** Refusals beside those that every call shares. */
  readonly problems?: readonly ProblemKind[];
  readonly body?: {
    type: Type;
    examples?: Readonly<Record<string, { summary: string; value: unknown }>>;
    required?: boolean;
  };
  /** The query string, one parameter per property; without it, every name there is refused. */
  readonly query?: Type;
  /** POST calls honour an Idempotency-Key. */
  readonly idempotent?: boolean;
  /** Needs no credential, and so never answers 401. */
  readonly open?: boolean;
}

/** Describes one call in the OpenAPI document: summary, body with examples, and every answer it can give. */
export function ApiCall(docs: CallDocs): MethodDecorator {
  const shared = [
    ...(docs.open ? [] : [REQUEST_NOT_VALID, CREDENTIAL_NOT_VALID, TOO_MANY_FAILURES, TOO_MANY_REQUESTS, NOT_READY]),
    ...(docs.body ? [BODY_NOT_JSON] : []),
    ...(docs.idempotent ? [KEY_NOT_VALID, KEY_IN_FLIGHT, KEY_REUSED] : []),
    INTERNAL_ERROR,
  ];
  return applyDecorators(
    ApiExtraModels(ProblemDto),
    ApiOperation({ summary: docs.summary, ...(docs.description && { description: docs.description }) }),
    ...Object.entries(docs.answers).map(([status, { description, type, example }]) =>
      ApiResponse({ status: Number(status), description, ...(type ? { type } : {}), ...(example ? { example } : {}) }),
    ),
    ...problemResponses([...shared, ...(docs.problems ?? [])]),
    ...(docs.query ? [ApiQuery({ type: docs.query })] : []),
    // A load balancer may add what it likes to its question.
    ...(docs.query || docs.open ? [] : [TakesNoQuery()]),
    ...(docs.body
      ? [ApiBody({ type: docs.body.type, required: docs.body.required ?? true, examples: { ...docs.body.examples } })]
      : []),
    ...(docs.idempotent
      ? [
          ApiHeader({
            name: 'Idempotency-Key',
            required: false,
            description: 'The first answer is kept 24 h and replayed',
          }),
        ]
      : []),
  );
}

/**
 * What every call but a read answers besides: a body that it has no use for is still too large, or of the wrong type. Which
 * calls those are is known only by their method, once the document is there.
 */
export function bodyRefusals(): Readonly<Record<string, object>> {
  const responses = responsesOf([BODY_TOO_LARGE, MEDIA_TYPE_NOT_SUPPORTED]);
  return Object.fromEntries(responses.map(({ status, ...response }) => [String(status), response]));
}

function problemResponses(kinds: readonly ProblemKind[]): MethodDecorator[] {
  return responsesOf(kinds).map((response) => ApiResponse(response));
}

/** One response per status; problems that share a status are its examples. */
function responsesOf(kinds: readonly ProblemKind[]) {
  const byStatus = new Map<number, Map<string, ProblemKind>>();
  for (const kind of kinds) {
    byStatus.set(kind.status, (byStatus.get(kind.status) ?? new Map<string, ProblemKind>()).set(kind.code, kind));
  }
  return [...byStatus].map(([status, codes]) => ({
    status,
    description: [...codes.values()].map(({ title, code }) => `${title} (\`${code}\`)`).join(' · '),
    content: {
      'application/problem+json': {
        schema: { $ref: getSchemaPath(ProblemDto) },
        examples: Object.fromEntries(
          [...codes].map(([code, kind]) => [code, { value: new Problem(kind).body('req_4f0eZ0cVg1') }]),
        ),
      },
    },
  }));
}
