import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import { SETTLEMENTS, type Settlement } from '#cases';

export class CloseCaseDto {
  @ApiProperty({
    enum: SETTLEMENTS,
    required: false,
    description:
      'How the difference between what was delivered and what was charged was settled: `collected` (the customer paid in another way), `refunded`, or `written-off`. Needed for, and only for, a case about an order that stays in Delivered.',
  })
  @IsOptional()
  @IsIn(SETTLEMENTS)
  settlement?: Settlement;
}
