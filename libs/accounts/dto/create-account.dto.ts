import { ApiProperty } from '@nestjs/swagger';
import { ONE_LINE } from '#http';
import { IsEmail, IsOptional, IsString, Length, Matches } from 'class-validator';

export class CreateAccountDto {
  @ApiProperty({
    required: false,
    example: 'customer-4711',
    description: 'Your own name for it; the same again gives the same account',
  })
  @IsOptional()
  @IsString()
  @Length(1, 200)
  @Matches(ONE_LINE)
  reference?: string;

  @ApiProperty({ required: false, example: 'ada@example.com' })
  @IsOptional()
  @IsEmail()
  email?: string;

  @ApiProperty({ required: false, example: 'Ada Lovelace' })
  @IsOptional()
  @IsString()
  @Length(1, 200)
  @Matches(ONE_LINE)
  name?: string;
}
