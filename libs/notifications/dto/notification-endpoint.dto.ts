import { ApiProperty } from '@nestjs/swagger';
import type { NotificationEndpointEntity } from '../notification-endpoint.entity.js';
import { NOTIFICATION_TYPES } from '../notifications.catalogue.js';

const SECRET = { required: false, example: 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD' };

export class EndpointDto {
  @ApiProperty({ example: 'nep_5yZ1cM0q8TtXv2Jw9RkLbE7a' }) endpointId: string;
  @ApiProperty({ example: 'https://shop.example/holdfast' }) url: string;
  @ApiProperty({ isArray: true, enum: NOTIFICATION_TYPES, description: 'All of them when none were chosen' })
  events: string[];
  @ApiProperty({ enum: ['Enabled', 'Disabled'], description: 'Nothing is sent to one that is Disabled' })
  status: 'Enabled' | 'Disabled';
  @ApiProperty({
    required: false,
    enum: ['failing', 'gone'],
    description: '`failing`: three days without success. `gone`: it answered 410',
  })
  disabledReason?: string;
  @ApiProperty({ required: false, description: 'The first failure since it last answered with success' })
  failingSince?: string;
  @ApiProperty({ example: '2026-11-23T10:00:00.000Z' }) createdAt: string;
}

export class NewEndpointDto extends EndpointDto {
  @ApiProperty({ ...SECRET, description: 'Shown this once: a replay by Idempotency-Key is without it' })
  secret?: string;
}

export class EndpointListDto {
  @ApiProperty({ type: [EndpointDto] }) data: EndpointDto[];
  @ApiProperty({ type: String, nullable: true }) nextCursor: string | null;
}

export class NewSecretDto {
  @ApiProperty({ example: 'nep_5yZ1cM0q8TtXv2Jw9RkLbE7a' }) endpointId: string;
  @ApiProperty({ ...SECRET, description: 'Shown this once: a replay by Idempotency-Key is without it' })
  secret?: string;
  @ApiProperty({ example: '2026-11-24T10:00:00.000Z', description: 'Until then the former secret signs too' })
  formerSecretUntil: string;
}

export function endpointDto(endpoint: NotificationEndpointEntity): EndpointDto {
  const { endpointId, url, events, disabledReason, failingSince, createdAt } = endpoint;
  return {
    ...{ endpointId, url, events: events ?? [...NOTIFICATION_TYPES] },
    status: disabledReason === null ? 'Enabled' : 'Disabled',
    ...(disabledReason !== null && { disabledReason }),
    ...(failingSince !== null && { failingSince: failingSince.toISOString() }),
    createdAt: createdAt.toISOString(),
  };
}
