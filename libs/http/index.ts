export { Access, ACCESS_RULE, type AccessRule } from './access.js';
export { ApiCall, bodyRefusals } from './api-docs.js';
export { Idempotency, type RequestIdentity } from './idempotency.js';
export { cursorOf, pageOf, PageQuery, type Position, positionAt } from './page.js';
export {
  BODY_NOT_JSON,
  CREDENTIAL_NOT_VALID,
  HEADERS_TOO_LARGE,
  KEY_REUSED,
  MEDIA_TYPE_NOT_SUPPORTED,
  NOT_READY,
  Problem,
  PROBLEM_TYPE,
  type ProblemKind,
  REQUEST_NOT_VALID,
  TOO_MANY_FAILURES,
  TOO_MANY_REQUESTS,
  type ValidationMessage,
} from './problem.js';
export { ProblemFilter, toProblem } from './problem.filter.js';
export { isStorable, NestedList, NothingDto, ONE_LINE, RequestBody, validate } from './request-body.js';
export { type HttpReply, type HttpRequest, JsonBody, QueryOf, RawBody, requestIdOf } from './request-context.js';
export { invalidRequest, invalidValue, requestFault } from './request-faults.js';
export { QueryInterceptor } from './request-query.js';
export { HttpModule } from './http.module.js';
