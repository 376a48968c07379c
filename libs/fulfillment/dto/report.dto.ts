import { ApiProperty } from '@nestjs/swagger';
import { ArrayMaxSize, IsArray, IsIn, IsOptional, IsString, Length, Matches } from 'class-validator';
import { ONE_LINE, NestedList } from '#http';

class ReportedDeliverableDto {
  @ApiProperty({ example: 'tracking-number' }) @IsString() @Length(1, 100) @Matches(ONE_LINE) type: string;
  @ApiProperty({ example: 'JD014600003828' }) @IsString() @Length(1, 2000) @Matches(ONE_LINE) value: string;
}

export class ReportDto {
  @ApiProperty({ enum: ['Delivered', 'Failed'] }) @IsIn(['Delivered', 'Failed']) outcome: 'Delivered' | 'Failed';

  @ApiProperty({ required: false, example: 'Handed over at the desk' })
  @IsOptional()
  @IsString()
  @Length(1, 500)
  @Matches(ONE_LINE)
  statusText?: string;

  @ApiProperty({ required: false, type: [ReportedDeliverableDto], maxItems: 100 })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(100)
  @NestedList(() => ReportedDeliverableDto)
  deliverables?: ReportedDeliverableDto[];
}
