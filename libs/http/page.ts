import { ApiProperty } from '@nestjs/swagger';
import { IsInt, IsOptional, IsString, Length, Max, Min } from 'class-validator';
import { NumberFromText } from './request-body.js';
import { invalidRequest, invalidValue } from './request-faults.js';

const DEFAULT_LIMIT = 20;

/** `?limit=` and `?cursor=` of every list. */
export class PageQuery {
  @ApiProperty({ required: false, minimum: 1, maximum: 100, default: DEFAULT_LIMIT })
  @IsOptional()
  @NumberFromText()
  @IsInt()
  @Min(1)
  @Max(100)
  limit: number = DEFAULT_LIMIT;

  @ApiProperty({ required: false, description: 'nextCursor of the page before' })
  @IsOptional()
  @IsString()
  @Length(1, 100)
  cursor?: string;
}

/**
 * Cuts a page out of rows that were read one further than asked for.
 * @returns the page, and the cursor of the next one, `null` on the last page
 */
export function pageOf<Row, Dto>(
  rows: readonly Row[],
  limit: number,
  dto: (row: Row) => Dto,
  cursor: (row: Row) => string,
) {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return { data: page.map(dto), nextCursor: rows.length > limit && last !== undefined ? cursor(last) : null };
}

/** Where a row stands in a list that is sorted by time and then by id, the newest first. */
export interface Position {
  readonly createdAt: Date;
  readonly id: string;
}

/** The position itself and not the row's id: the next page is found although the row was deleted. */
export function cursorOf({ createdAt, id }: Position): string {
  return Buffer.from(`${createdAt.getTime()}.${id}`).toString('base64url');
}

/** @throws Problem 400 for a cursor that is not ours; undefined for none */
export function positionAt(cursor: string | undefined): Position | undefined {
  if (cursor === undefined) return undefined;
  const match = /^(\d{1,15})\.([\w-]{1,60})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1'));
  if (!match?.[1] || !match[2]) throw invalidRequest([invalidValue('cursor', 'must be a nextCursor of this list')]);
  return { createdAt: new Date(Number(match[1])), id: match[2] };
}
