import type { Table } from '../state/table.js';
import { invalidRequest } from './errors.js';
import { integer, string, type TimeRange } from './parameters.js';

/** The parameters that every list takes (https://docs.stripe.com/api/pagination). */
export const pagingParameters = {
  limit: integer({ min: 1, max: 100 }),
  starting_after: string(),
  ending_before: string(),
};

export interface Paging {
  readonly limit?: number | undefined;
  readonly starting_after?: string | undefined;
  readonly ending_before?: string | undefined;
}

export interface StripeList<T> {
  object: 'list';
  data: T[];
  has_more: boolean;
  url: string;
}

const DEFAULT_LIMIT = 10;

interface Listed {
  readonly id: string;
}

/**
 * A page of a table, newest first. `ending_before` pages towards newer rows; the page itself stays newest first.
 * The walk starts at the cursor's position, so a page costs the rows it looks at and not the table.
 */
export function pageOf<Row extends Listed>(
  table: Table<Row>,
  paging: Paging,
  matches: (row: Row) => boolean,
): { rows: Row[]; hasMore: boolean } {
  refuseBothCursors(paging);
  const forward = paging.ending_before === undefined;
  const from = forward ? positionBefore(table, paging.starting_after) : positionAfter(table, paging.ending_before);
  return take(table.walk(from, forward ? -1 : 1), paging, matches, forward);
}

/** A page of rows that an index has found (oldest first, as `Table.where` gives them). */
export function pageOfRows<Row extends Listed>(
  rows: readonly Row[],
  paging: Paging,
  matches: (row: Row) => boolean = () => true,
): { rows: Row[]; hasMore: boolean } {
  refuseBothCursors(paging);
  const forward = paging.ending_before === undefined;
  const cursor = paging.starting_after ?? paging.ending_before;
  const position = cursor === undefined ? rows.length : rows.findIndex((row) => row.id === cursor);
  if (position < 0) throw noSuchCursor(cursor ?? '', forward);
  const walked = forward ? rows.slice(0, position).toReversed() : rows.slice(position + 1);
  return take(walked, paging, matches, forward);
}

function take<Row>(rows: Iterable<Row>, paging: Paging, matches: (row: Row) => boolean, forward: boolean) {
  const limit = paging.limit ?? DEFAULT_LIMIT;
  const found: Row[] = [];
  for (const row of rows) {
    if (!matches(row)) continue;
    if (found.length === limit) return { rows: forward ? found : found.reverse(), hasMore: true };
    found.push(row);
  }
  return { rows: forward ? found : found.reverse(), hasMore: false };
}

function refuseBothCursors(paging: Paging): void {
  if (paging.starting_after === undefined || paging.ending_before === undefined) return;
  throw invalidRequest('You may specify only one of these parameters: starting_after, ending_before.');
}

function positionBefore<Row extends Listed>(table: Table<Row>, id: string | undefined): number {
  if (id === undefined) return table.lastPosition;
  const position = table.position(id);
  if (position === undefined) throw noSuchCursor(id, true);
  return position - 1;
}

function positionAfter<Row extends Listed>(table: Table<Row>, id: string | undefined): number {
  const position = table.position(id ?? '');
  if (position === undefined) throw noSuchCursor(id ?? '', false);
  return position + 1;
}

function noSuchCursor(id: string, forward: boolean): Error {
  const param = forward ? 'starting_after' : 'ending_before';
  return invalidRequest(`No such object: '${id}'`, { code: 'resource_missing', param });
}

export function within(seconds: number, range: TimeRange | undefined): boolean {
  if (range === undefined) return true;
  return (
    (range.gt === undefined || seconds > range.gt) &&
    (range.gte === undefined || seconds >= range.gte) &&
    (range.lt === undefined || seconds < range.lt) &&
    (range.lte === undefined || seconds <= range.lte)
  );
}

export function listOf<T>(data: T[], hasMore: boolean, url: string): StripeList<T> {
  return { object: 'list', data, has_more: hasMore, url };
}
