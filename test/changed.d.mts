/** Types of changed.mjs, for its spec. */
export function specsFor(changed: readonly string[], specs: readonly string[]): string[];
export function checksFor(existing: readonly string[], scripts: Record<string, string>): Record<string, string>;
