import { formatMoney } from '#platform';

/**
 * Signs that show nothing, or turn the text around them: controls, direction marks, spaces without width, tags. The two
 * joiners are left, which some scripts and pictures are written with.
 */
const UNSEEN =
  /[\p{Cc}\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

/** A text as whoever reads it must see it: what somebody put in to deceive, a terminal or an eye, is written out. */
export function visible(text: string): string {
  return text.replaceAll(UNSEEN, (sign) => `[U+${sign.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')}]`);
}

/** `2026-11-23 10:00:00 UTC` */
export function utc(time: Date): string {
  return `${time.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

const UNITS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const;

/** How long ago, roughly: `3 hours`. */
export function age(since: Date, now: Date): string {
  const seconds = Math.max(0, (now.getTime() - since.getTime()) / 1000);
  for (const [unit, size] of UNITS) {
    const count = Math.floor(seconds / size);
    if (count > 0) return `${count} ${unit}${count > 1 ? 's' : ''}`;
  }
  return 'less than a minute';
}

/**
 * What a line of the timeline, or a case, holds beside its type: amounts as money, names as words. What says nothing (no
 * money, an empty list) is left out.
 */
export function factsOf(
  detail: Readonly<Record<string, unknown>> | undefined,
  currency: string | undefined,
): [name: string, value: string][] {
  const own = typeof detail?.currency === 'string' ? detail.currency : currency;
  return Object.entries(detail ?? {})
    .filter(([name, value]) => name !== 'currency' && !isNothing(value))
    .map(([name, value]) => {
      const isMoney = own !== undefined && typeof value === 'number' && /amount|value/i.test(name);
      const text = typeof value === 'string' ? value : JSON.stringify(value);
      return [inWords(name), isMoney ? formatMoney(value, own) : text];
    });
}

const isNothing = (value: unknown): boolean =>
  value === null || value === undefined || value === 0 || (Array.isArray(value) && value.length === 0);

/** `amountCaptured` → `amount captured` */
const inWords = (name: string): string => name.replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
