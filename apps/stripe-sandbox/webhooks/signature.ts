import { createHmac } from 'node:crypto';

/**
 * The `Stripe-Signature` header: `t=<seconds>,v1=<hex>`, where v1 is the HMAC-SHA256 of `<t>.<body>` (facts §5.1).
 * @param seconds the sandbox's time; receivers refuse what is more than 300 s older than their own clock
 */
export function signatureHeader(body: string, secret: string, seconds: number): string {
  const digest = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
  return `t=${seconds},v1=${digest}`;
}
