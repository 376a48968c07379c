import { formatMoney } from '#platform';
import type { Money } from './demo.money.js';

/** Everything is plain text: a terminal, a log and a screen reader show the same. */
const BAR_WIDTH = 20;
const WHAT_WIDTH = 46;
const AMOUNT_WIDTH = 10;
const CURRENCY = 'EUR';

/** `2500` → `25.00`, at the right of its column. */
export function amount(minor: number): string {
  return formatMoney(minor, CURRENCY).replace(` ${CURRENCY}`, '').padStart(AMOUNT_WIDTH);
}

/** The order's total as a bar: `#` captured, `=` reserved, `.` released, blank where nothing happened yet. */
export function bar(money: Money, total: number): string {
  const at = (value: number) => (total === 0 ? 0 : Math.round((value / total) * BAR_WIDTH));
  const captured = at(money.captured);
  const reserved = at(money.captured + money.reserved);
  const released = at(money.captured + money.reserved + money.released);
  const text = '#'.repeat(captured) + '='.repeat(reserved - captured) + '.'.repeat(released - reserved);
  return `[${text.padEnd(BAR_WIDTH)}]`;
}

export const LEGEND = 'The bar is the order’s total: = reserved, # captured, . released. Amounts in EUR.';

export function moneyHeading(): string {
  const columns = ['reserved', 'captured', 'released'].map((name) => name.padStart(AMOUNT_WIDTH));
  return `  ${'what happened'.padEnd(WHAT_WIDTH)}${columns.join('')}`;
}

/** One thing that happened, and where the money is after it. */
export function moneyLine(what: string, money: Money, total: number): string {
  const columns = [money.reserved, money.captured, money.released].map(amount);
  return `  ${what.padEnd(WHAT_WIDTH)}${columns.join('')}  ${bar(money, total)}`;
}

/** Rows under headings; the first two columns are words, the others amounts. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => (row[column] ?? '').trim().length)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return column < 2 ? cell.trim().padEnd(width) : cell.trim().padStart(width);
      })
      .join('  ');
  return [line(headings), widths.map((width) => '-'.repeat(width)).join('  '), ...rows.map(line)].map(
    (text) => `  ${text}`,
  );
}
