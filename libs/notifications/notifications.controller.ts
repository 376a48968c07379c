import { Controller, Get, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiParam, ApiTags } from '@nestjs/swagger';
import { Caller, CREDENTIAL_KIND_REFUSED, Owned, type Principal } from '#partners';
import {
  Access,
  ApiCall,
  Idempotency,
  invalidRequest,
  invalidValue,
  JsonBody,
  NothingDto,
  pageOf,
  QueryOf,
  RequestBody,
  type HttpReply,
  type HttpRequest,
} from '#http';
import {
  NotificationDto,
  notificationDto,
  NotificationListDto,
  NotificationListQuery,
} from './dto/notification.dto.js';
import { NotificationEntity } from './notification.entity.js';
import { NotificationEndpointsService } from './notification-endpoints.service.js';
import { ENDPOINT_DISABLED, NOTIFICATION_NOT_FOUND } from './notifications.errors.js';
import { NotificationsRepository } from './notifications.repository.js';

@ApiTags('Notifications')
@Controller('v1/notifications')
export class NotificationsController {
  constructor(
    private readonly endpoints: NotificationEndpointsService,
    private readonly repository: NotificationsRepository,
    private readonly idempotency: Idempotency,
  ) {}

  @Get()
  @Access({ who: 'partner' })
  @ApiCall({
    summary: 'List what was or is to be sent to you, newest first, with every try',
    description: 'What is over is kept for 30 days.',
    query: NotificationListQuery,
    answers: { 200: { description: 'A page', type: NotificationListDto } },
    problems: [CREDENTIAL_KIND_REFUSED],
  })
  async list(
    @Caller() caller: Principal,
    @QueryOf(NotificationListQuery) filter: NotificationListQuery,
  ): Promise<NotificationListDto> {
    const rows = await this.repository.list(caller.partnerId, filter, sequenceBefore(filter.cursor));
    return pageOf(rows, filter.limit, notificationDto, ({ sequence }) => String(sequence));
  }

  @Post(':notificationId/redeliver')
  @HttpCode(202)
  @Access({ who: 'partner', owns: 'notification' })
  @ApiParam({ name: 'notificationId', example: 'ntf_5yZ1cM0q8TtXv2Jw9RkLbE7a' })
  @ApiCall({
    summary: 'Send a notification once more',
    description: 'The same bytes under the same `webhook-id`, at once, and retried for three days anew.',
    answers: { 202: { description: 'It is being sent', type: NotificationDto } },
    problems: [CREDENTIAL_KIND_REFUSED, NOTIFICATION_NOT_FOUND, ENDPOINT_DISABLED],
    idempotent: true,
  })
  async redeliver(
    @Owned() notification: NotificationEntity,
    @JsonBody(NothingDto) body: RequestBody<NothingDto>,
    @Req() request: HttpRequest,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<NotificationDto> {
    return this.idempotency.transaction(request, reply, async (tx) => {
      return { status: 202, body: notificationDto(await this.endpoints.redeliver(tx, notification, body)) };
    });
  }
}

/** @throws Problem 400 for a cursor that is not a notification's */
function sequenceBefore(cursor: string | undefined): number | undefined {
  if (cursor === undefined) return undefined;
  if (/^\d{1,15}$/.test(cursor)) return Number(cursor);
  throw invalidRequest([invalidValue('cursor', 'must be a nextCursor of this list')]);
}
