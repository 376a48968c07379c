/* What a spec may do: none of these fires but the last. */
declare const service: { method(): number };
declare const maybe: { a: number } | undefined;
declare function use(...values: unknown[]): void;

use(service.method.bind(service), maybe!.a, service.method);
const answer = JSON.parse('{}');
use(answer.member);
console.log(1); // fires: no-console
