import { ApiProperty } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  IsArray,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Length,
  Matches,
  Max,
  Min,
  registerDecorator,
} from 'class-validator';
import { currencyRules, MAXIMUM_AMOUNT } from '#platform';
import { NestedList, PageQuery, ONE_LINE } from '#http';
import { FULFILLERS, type Fulfiller } from '../order.entity.js';
import { ORDER_STATUSES, type OrderStatus } from '../order.state-machine.js';

const MAXIMUM_ITEMS = 100;
const MAXIMUM_METADATA = 50;
const MAXIMUM_METADATA_TEXT = 500;

/** One rule of ours for one property; the message follows the property's name. */
function Rule(name: string, message: string, holds: (value: unknown) => boolean): PropertyDecorator {
  return (target, propertyName) =>
    registerDecorator({
      ...{ name, target: target.constructor, propertyName: String(propertyName), options: { message } },
      validator: { validate: holds },
    });
}

const IsCurrency = () =>
  Rule('isCurrency', 'currency must be an upper-case ISO code of a currency that can be paid in here', (value) => {
    return typeof value === 'string' && currencyRules(value) !== undefined;
  });

const IsMetadata = () =>
  Rule(
    'isMetadata',
    `metadata must be an object of at most ${MAXIMUM_METADATA} strings of at most ${MAXIMUM_METADATA_TEXT} characters`,
    (value) => {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
      const entries = Object.entries(value);
      return (
        entries.length <= MAXIMUM_METADATA &&
        entries.every(([name, text]) => isMetadataText(name) && name !== '' && isMetadataText(text))
      );
    },
  );

function isMetadataText(text: unknown): boolean {
  return typeof text === 'string' && text.length <= MAXIMUM_METADATA_TEXT;
}

class OrderItemContentDto {
  @ApiProperty({ example: 'ticket-adult' }) @IsString() @Length(1, 200) @Matches(ONE_LINE) sku: string;
  @ApiProperty({ example: 'Day ticket, adult' }) @IsString() @Length(1, 250) @Matches(ONE_LINE) name: string;
  @ApiProperty({ minimum: 1, maximum: 10_000, example: 2 }) @IsInt() @Min(1) @Max(10_000) quantity: number;
  @ApiProperty({
    minimum: 0,
    maximum: MAXIMUM_AMOUNT,
    example: 1250,
    description: 'Minor units, as Stripe counts them',
  })
  @IsInt()
  @Min(0)
  @Max(MAXIMUM_AMOUNT)
  unitAmount: number;
  @ApiProperty({ required: false, enum: FULFILLERS, default: 'instant' })
  @IsOptional()
  @IsIn(FULFILLERS)
  fulfiller?: Fulfiller;
}

class OrderItemReplacementDto extends OrderItemContentDto {
  @ApiProperty({
    required: false,
    example: '26-100000-1',
    description: 'Keeps this item; without a number the item is new',
  })
  @IsOptional()
  @IsString()
  @Length(1, 40)
  orderItemNumber?: string;
}

abstract class OrderContentDto {
  @ApiProperty({
    required: false,
    enum: ['New', 'Placed'],
    description: 'The status wished for; the server stops at the first fault',
  })
  @IsOptional()
  @IsIn(['New', 'Placed'])
  orderStatus?: 'New' | 'Placed';

  @ApiProperty({ required: false, example: 'cart-815' })
  @IsOptional()
  @IsString()
  @Length(1, 200)
  @Matches(ONE_LINE)
  externalReference?: string;

  @ApiProperty({
    selfRequired: false,
    type: 'object',
    additionalProperties: { type: 'string', maxLength: MAXIMUM_METADATA_TEXT },
    example: { campaign: 'winter' },
  })
  @IsOptional()
  @IsMetadata()
  metadata?: Record<string, string>;
}

export class CreateOrderDto extends OrderContentDto {
  @ApiProperty({ example: 'acc_5yZ1cM0q8TtXv2Jw9RkLbE7a' }) @IsString() accountId: string;
  @ApiProperty({ example: 'EUR' }) @IsCurrency() currency: string;

  @ApiProperty({ type: [OrderItemContentDto], maxItems: MAXIMUM_ITEMS })
  @IsArray()
  @ArrayMaxSize(MAXIMUM_ITEMS)
  @NestedList(() => OrderItemContentDto)
  items: OrderItemContentDto[];
}

export class ReplaceOrderDto extends OrderContentDto {
  @ApiProperty({ required: false, description: 'May be sent, and must be the order’s own' })
  @IsOptional()
  @IsString()
  @Length(1, 100)
  accountId?: string;
  @ApiProperty({ required: false, example: 'EUR', description: 'May be sent, and must be the order’s own' })
  @IsOptional()
  @IsCurrency()
  currency?: string;

  @ApiProperty({ type: [OrderItemReplacementDto], maxItems: MAXIMUM_ITEMS })
  @IsArray()
  @ArrayMaxSize(MAXIMUM_ITEMS)
  @NestedList(() => OrderItemReplacementDto)
  items: OrderItemReplacementDto[];
}

export class OrderListQuery extends PageQuery {
  @ApiProperty({ required: false }) @IsOptional() @IsString() @Length(1, 100) accountId?: string;
  @ApiProperty({ required: false, enum: ORDER_STATUSES }) @IsOptional() @IsIn(ORDER_STATUSES) orderStatus?: OrderStatus;
  @ApiProperty({ required: false }) @IsOptional() @IsString() @Length(1, 200) externalReference?: string;
}

export class TimelineQuery extends PageQuery {
  @ApiProperty({ required: false, minimum: 1, maximum: 100, default: 100 })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(100)
  override limit = 100;
}
