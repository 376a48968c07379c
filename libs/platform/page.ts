import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsInt, IsOptional, IsString, Length, Max, Min } from 'class-validator';

const DEFAULT_LIMIT = 20;

/** `?limit=` and `?cursor=` of every list. */
export class PageQuery {
  @ApiProperty({ required: false, minimum: 1, maximum: 100, default: DEFAULT_LIMIT })
  @IsOptional()
  @Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value,
  )
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
