import { ApiProperty } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsInt,
  IsOptional,
  IsString,
  Length,
  Min,
} from 'class-validator';
import { PageQuery } from '#http';
import type { RefundEntity } from '../refund.entity.js';
import { REFUND_MOVES } from '../refund.state-machine.js';

/** An order has at most this many items. */
const MOST_ITEMS = 100;

export class CreateRefundDto {
  @ApiProperty({
    required: false,
    minimum: 1,
    example: 500,
    description: 'Minor units; not together with `orderItemNumbers`. Neither: all that is left',
  })
  @IsOptional()
  @IsInt()
  @Min(1)
  amount?: number;

  @ApiProperty({
    required: false,
    type: [String],
    example: ['26-100000-1'],
    description: 'The delivered items to refund',
  })
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MOST_ITEMS)
  @ArrayUnique()
  @IsString({ each: true })
  @Length(1, 60, { each: true })
  orderItemNumbers?: string[];

  @ApiProperty({
    required: false,
    maxLength: 500,
    example: 'requested_by_customer',
    description: 'Your words; `duplicate`, `fraudulent` and `requested_by_customer` are Stripe’s own, and handed on',
  })
  @IsOptional()
  @IsString()
  @Length(1, 500)
  reason?: string;
}

export class RefundListQuery extends PageQuery {}

export class RefundDto {
  @ApiProperty({ example: 'ref_7cVq1nL5vB0xWc3RtYz8Kb2E' }) refundId: string;
  @ApiProperty({ enum: Object.keys(REFUND_MOVES) }) status: string;
  @ApiProperty({ example: 500, description: 'Minor units' }) amount: number;
  @ApiProperty({ example: 'EUR' }) currency: string;
  @ApiProperty({ required: false, type: [String], example: ['26-100000-1'] }) orderItemNumbers?: string[];
  @ApiProperty({ required: false, example: 'requested_by_customer' }) reason?: string;
  @ApiProperty({ required: false, example: 'lost_or_stolen_card', description: 'Why it failed' }) failureCode?: string;
  @ApiProperty({ example: '2026-11-23T10:00:00.000Z' }) createdAt: string;
}

export class RefundListDto {
  @ApiProperty({ type: [RefundDto] }) data: RefundDto[];
  @ApiProperty({ type: String, nullable: true }) nextCursor: string | null;
}

export function refundDto(refund: RefundEntity): RefundDto {
  const { refundId, status, amount, currency, orderItemNumbers, reason, failure, createdAt } = refund;
  return {
    ...{ refundId, status, amount, currency },
    ...(orderItemNumbers && { orderItemNumbers }),
    ...(reason !== null && { reason }),
    ...(failure && { failureCode: failure.code }),
    createdAt: createdAt.toISOString(),
  };
}
