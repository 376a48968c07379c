import { ApiProperty } from '@nestjs/swagger';
import { IsOptional, IsString, Length } from 'class-validator';
import { PageQuery } from '#http';
import type { Attempt, NotificationShown } from '../notification.entity.js';
import { NOTIFICATION_MOVES } from '../notification.state-machine.js';

class AttemptDto implements Attempt {
  @ApiProperty({ example: '2026-11-23T10:00:00.000Z' }) at: string;
  @ApiProperty({ required: false, example: 503, description: 'What was answered' }) statusCode?: number;
  @ApiProperty({ required: false, example: 'no answer within 10 s', description: 'Why there was no answer' })
  error?: string;
  @ApiProperty({ example: 184 }) durationMs: number;
}

export class NotificationDto {
  @ApiProperty({ example: 'ntf_5yZ1cM0q8TtXv2Jw9RkLbE7a', description: 'The `webhook-id` of every try' })
  notificationId: string;
  @ApiProperty({ example: 'order.paid' }) type: string;
  @ApiProperty({ type: String, nullable: true, example: '26-100000', description: '`null` for a test' })
  orderNumber: string | null;
  @ApiProperty({ example: 'nep_5yZ1cM0q8TtXv2Jw9RkLbE7a' }) endpointId: string;
  @ApiProperty({ enum: Object.keys(NOTIFICATION_MOVES), description: 'Failed: given up after three days' })
  status: string;
  @ApiProperty({ type: [AttemptDto], description: 'The last 50, oldest first' }) attempts: readonly AttemptDto[];
  @ApiProperty({
    type: String,
    nullable: true,
    example: '2026-11-23T10:00:30.000Z',
    description: '`null` when it is over, or waits for its endpoint to be enabled',
  })
  nextAttemptAt: string | null;
  @ApiProperty({ example: '2026-11-23T10:00:00.000Z' }) createdAt: string;
}

export class NotificationListDto {
  @ApiProperty({ type: [NotificationDto] }) data: NotificationDto[];
  @ApiProperty({ type: String, nullable: true }) nextCursor: string | null;
}

export class NotificationListQuery extends PageQuery {
  @ApiProperty({ required: false, example: '26-100000' })
  @IsOptional()
  @IsString()
  @Length(1, 100)
  orderNumber?: string;
  @ApiProperty({ required: false }) @IsOptional() @IsString() @Length(1, 100) endpointId?: string;
}

export function notificationDto(notification: NotificationShown): NotificationDto {
  const { notificationId, type, orderNumber, endpointId, status, attempts, dueAt, createdAt, isHeld } = notification;
  return {
    ...{ notificationId, type, orderNumber, endpointId, status, attempts },
    nextAttemptAt: status === 'Pending' && !isHeld ? dueAt.toISOString() : null,
    createdAt: createdAt.toISOString(),
  };
}
