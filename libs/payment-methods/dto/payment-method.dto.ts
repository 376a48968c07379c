import { ApiProperty } from '@nestjs/swagger';
import type { PaymentMethodEntity } from '../payment-method.entity.js';

class CardDto {
  @ApiProperty({ example: 'visa' }) brand: string;
  @ApiProperty({ example: '4242' }) last4: string;
  @ApiProperty({ example: 12 }) expMonth: number;
  @ApiProperty({ example: 2034 }) expYear: number;
  @ApiProperty({ example: 'credit' }) funding: string;
  @ApiProperty({ type: String, nullable: true, example: 'DE' }) country: string | null;
}

class PaymentMethodDto {
  @ApiProperty({ example: 'pm_1QxYz' }) id: string;
  @ApiProperty({ example: 'card' }) type: string;
  @ApiProperty({ type: CardDto }) card: CardDto;
  @ApiProperty({ example: '2026-11-23T10:00:00.000Z' }) createdAt: string;
}

export class PaymentMethodListDto {
  @ApiProperty({ type: [PaymentMethodDto] }) data: PaymentMethodDto[];
  @ApiProperty({ type: String, nullable: true }) nextCursor: string | null;
}

export function paymentMethodDto(method: PaymentMethodEntity): PaymentMethodDto {
  const { paymentMethodId, type, brand, last4, expMonth, expYear, funding, country, createdAt } = method;
  return {
    ...{ id: paymentMethodId, type, card: { brand, last4, expMonth, expYear, funding, country } },
    createdAt: createdAt.toISOString(),
  };
}
