import { ApiProperty } from '@nestjs/swagger';
import { IsInt, IsOptional, Max, Min } from 'class-validator';

export const DEFAULT_TOKEN_SECONDS = 3600;

export class MintTokenDto {
  @ApiProperty({ required: false, minimum: 60, maximum: 86_400, default: DEFAULT_TOKEN_SECONDS })
  @IsOptional()
  @IsInt()
  @Min(60)
  @Max(86_400)
  expiresInSeconds?: number;
}
