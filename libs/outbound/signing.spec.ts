import { describe, expect, it } from '@jest/globals';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';
import { newSigningSecret, signatureHeaders } from './signing.js';

describe('signing as Standard Webhooks does', () => {
  const body = '{"orderNumber":"26-100000","name":"Ünïcode"}';

  /** What a receiver with this secret makes of a message. */
  const accepts = (secret: string, text: string, headers: Record<string, string>): boolean => {
    try {
      new Webhook(secret).verify(text, headers);
      return true;
    } catch (error) {
      if (error instanceof WebhookVerificationError) return false;
      throw error;
    }
  };

  it('the example of the specification has the signature of the specification', () => {
    const secret = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD';
    const payload = '{"email":"test@example.com","username":"test_user"}';
    const headers = signatureHeaders([secret], 'msg_27UH4WbU6Z5A5EzD8u03UvzRbpk', new Date(1_649_367_553_000), payload);
    expect(headers).toEqual({
      'webhook-id': 'msg_27UH4WbU6Z5A5EzD8u03UvzRbpk',
      'webhook-timestamp': '1649367553',
      'webhook-signature': 'v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=',
    });
  });

  it('secrets are 32 bytes of chance in base64', () => {
    const secret = newSigningSecret();
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(newSigningSecret()).not.toBe(secret);
  });

  it('who knows either of two secrets accepts the message, and nobody else does', () => {
    const [older, newer, foreign] = [newSigningSecret(), newSigningSecret(), newSigningSecret()];
    const headers = signatureHeaders([newer, older], 'item-1', new Date(), body);
    expect(headers['webhook-signature'].split(' ')).toHaveLength(2);
    expect([older, newer, foreign].map((secret) => accepts(secret, body, headers))).toEqual([true, true, false]);
  });

  it('another body, another id or another time is refused', () => {
    const secret = newSigningSecret();
    const headers = signatureHeaders([secret], 'item-1', new Date(), body);
    const altered = [
      accepts(secret, `${body} `, headers),
      accepts(secret, body, { ...headers, 'webhook-id': 'item-2' }),
      accepts(secret, body, { ...headers, 'webhook-timestamp': String(Number(headers['webhook-timestamp']) + 1) }),
      accepts(secret, body, signatureHeaders([secret], 'item-1', new Date(Date.now() - 301_000), body)),
    ];
    expect(altered).toEqual([false, false, false, false]);
  });

  it('nothing is sent unsigned', () => {
    expect(() => signatureHeaders([], 'item-1', new Date(), body)).toThrow('cannot be signed');
  });
});
