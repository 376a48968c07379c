import { ApiProperty } from '@nestjs/swagger';
import { IsBoolean, IsOptional, IsString, Length } from 'class-validator';

export class InitPaymentDto {
  @ApiProperty({
    required: false,
    default: false,
    description: 'true: pay on Stripe’s hosted page; false: in your own form',
  })
  @IsOptional()
  @IsBoolean()
  createCheckoutSession?: boolean;

  @ApiProperty({ required: false, example: 'https://shop.example/paid?session={CHECKOUT_SESSION_ID}' })
  @IsOptional()
  @IsString()
  @Length(1, 2000)
  successUrl?: string;

  @ApiProperty({ required: false, example: 'https://shop.example/cart' })
  @IsOptional()
  @IsString()
  @Length(1, 2000)
  errorUrl?: string;

  @ApiProperty({ required: false, example: 'pm_1QxYz', description: 'One click: confirm with this saved card now' })
  @IsOptional()
  @IsString()
  @Length(1, 255)
  paymentMethodId?: string;

  @ApiProperty({
    required: false,
    description: 'Save the card for this account; on the hosted page, leave out to let the customer tick a box',
  })
  @IsOptional()
  @IsBoolean()
  savePaymentMethod?: boolean;
}

class InitPaymentDataDto {
  @ApiProperty({ required: false, example: 'cs_test_a1b2' }) sessionId?: string;
  @ApiProperty({ required: false, example: 'https://checkout.stripe.com/c/pay/cs_test_a1b2' }) checkoutUrl?: string;
  @ApiProperty({ required: false, example: 'pi_3PqR_secret_4xYz' }) clientSecret?: string;
  @ApiProperty({ required: false, example: 'pk_test_holdfast' }) paymentApiKey?: string;
  @ApiProperty({ description: 'false: the customer must act; go on with the clientSecret' }) result: boolean;
}

class InitMessageDto {
  @ApiProperty({ example: 'payment-method-declined' }) code: string;
  @ApiProperty({ enum: ['Info', 'Warning', 'ValidationError', 'Error'] }) level: string;
  @ApiProperty({ example: 'The card was declined: insufficient_funds' }) message: string;
  @ApiProperty({ enum: ['payment'] }) source: string;
}

export class InitPaymentAnswerDto {
  @ApiProperty({ type: InitPaymentDataDto }) initPaymentData: InitPaymentDataDto;
  @ApiProperty({ type: [InitMessageDto] }) validationMessages: InitMessageDto[];
}

export class SaveFlagDto {
  @ApiProperty() savePaymentMethod: boolean;
}
