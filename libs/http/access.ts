import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiBearerAuth } from '@nestjs/swagger';

export interface AccessRule {
  /**
   * `both`: a partner key or an account token; `operator`: the operator's key; `operator-in-browser`: the same, also as a
   * browser sends it (Basic), and then nothing is changed for a page of another site; `public`: nobody is asked.
   */
  readonly who: 'partner' | 'both' | 'operator' | 'operator-in-browser' | 'public';
  /** The thing named in the path, which must be the caller's. */
  readonly owns?: 'account' | 'order' | 'notification-endpoint' | 'notification';
}

/** Where the guard finds a route's rule. */
export const ACCESS_RULE = 'holdfast:access';

/** Says who may call a route; a route that says nothing is refused to everyone. */
export function Access(rule: AccessRule): MethodDecorator & ClassDecorator {
  const documented = rule.who === 'public' ? [] : [ApiBearerAuth()];
  return applyDecorators(SetMetadata(ACCESS_RULE, rule), ...documented);
}
