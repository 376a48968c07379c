import { Controller, Delete, Get, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiParam, ApiTags } from '@nestjs/swagger';
import { Caller, CREDENTIAL_KIND_REFUSED, Owned, type Principal } from '#partners';
import {
  Access,
  ApiCall,
  cursorOf,
  Idempotency,
  JsonBody,
  NothingDto,
  pageOf,
  PageQuery,
  QueryOf,
  RequestBody,
  type HttpReply,
  type HttpRequest,
} from '#http';
import { Database } from '#platform';
import {
  EndpointDto,
  endpointDto,
  EndpointListDto,
  NewEndpointDto,
  NewSecretDto,
} from './dto/notification-endpoint.dto.js';
import { CreateEndpointDto, DEFAULT_OVERLAP_HOURS, RotateSecretDto } from './dto/notification-endpoint.request.dto.js';
import { NotificationDto, notificationDto } from './dto/notification.dto.js';
import { NotificationEndpointEntity } from './notification-endpoint.entity.js';
import { NotificationEndpointsRepository } from './notification-endpoints.repository.js';
import { NotificationEndpointsService } from './notification-endpoints.service.js';
import { ENDPOINT_DISABLED, ENDPOINT_NOT_FOUND, TOO_MANY_ENDPOINTS } from './notifications.errors.js';

const ENDPOINT_ID = { name: 'endpointId', example: 'nep_5yZ1cM0q8TtXv2Jw9RkLbE7a' };

@ApiTags('Notifications')
@Controller('v1/notification-endpoints')
export class NotificationEndpointsController {
  constructor(
    private readonly endpoints: NotificationEndpointsService,
    private readonly repository: NotificationEndpointsRepository,
    private readonly database: Database,
    private readonly idempotency: Idempotency,
  ) {}

  @Post()
  @Access({ who: 'partner' })
  @ApiCall({
    summary: 'Register an address that is told what happens to your orders',
    description:
      'Messages are signed as Standard Webhooks says, with the secret of this answer, which is shown this once. At most 10.',
    answers: { 201: { description: 'Registered', type: NewEndpointDto } },
    problems: [CREDENTIAL_KIND_REFUSED, TOO_MANY_ENDPOINTS],
    body: {
      type: CreateEndpointDto,
      examples: {
        all: { summary: 'Everything', value: { url: 'https://shop.example/holdfast' } },
        some: {
          summary: 'Chosen events',
          value: { url: 'https://shop.example/holdfast', events: ['order.paid', 'order.fulfilled'] },
        },
      },
    },
    idempotent: true,
  })
  async create(
    @Caller() caller: Principal,
    @JsonBody(CreateEndpointDto) body: RequestBody<CreateEndpointDto>,
    @Req() request: HttpRequest,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<NewEndpointDto> {
    return this.idempotency.transaction<NewEndpointDto>(request, reply, async (tx) => {
      const { endpoint, secret } = await this.endpoints.create(tx, caller.partnerId, body);
      const kept = endpointDto(endpoint);
      return { status: 201, body: { ...kept, secret }, kept };
    });
  }

  @Get()
  @Access({ who: 'partner' })
  @ApiCall({
    summary: 'List your notification endpoints, newest first',
    query: PageQuery,
    answers: { 200: { description: 'A page', type: EndpointListDto } },
    problems: [CREDENTIAL_KIND_REFUSED],
  })
  async list(@Caller() caller: Principal, @QueryOf(PageQuery) page: PageQuery): Promise<EndpointListDto> {
    const rows = await this.repository.list(caller.partnerId, page);
    return pageOf(rows, page.limit, endpointDto, ({ createdAt, endpointId }) =>
      cursorOf({ createdAt, id: endpointId }),
    );
  }

  @Get(':endpointId')
  @Access({ who: 'partner', owns: 'notification-endpoint' })
  @ApiParam(ENDPOINT_ID)
  @ApiCall({
    summary: 'Read a notification endpoint',
    answers: { 200: { description: 'The endpoint', type: EndpointDto } },
    problems: [CREDENTIAL_KIND_REFUSED, ENDPOINT_NOT_FOUND],
  })
  read(@Owned() endpoint: NotificationEndpointEntity): EndpointDto {
    return endpointDto(endpoint);
  }

  @Delete(':endpointId')
  @HttpCode(204)
  @Access({ who: 'partner', owns: 'notification-endpoint' })
  @ApiParam(ENDPOINT_ID)
  @ApiCall({
    summary: 'Remove a notification endpoint, with all that was or was to be sent there',
    answers: { 204: { description: 'Removed' } },
    problems: [CREDENTIAL_KIND_REFUSED, ENDPOINT_NOT_FOUND],
  })
  async delete(
    @Owned() { endpointId }: NotificationEndpointEntity,
    @JsonBody(NothingDto) body: RequestBody<NothingDto>,
  ): Promise<void> {
    body.validated();
    await this.database.transaction((tx) => this.endpoints.delete(tx, endpointId));
  }

  @Post(':endpointId/rotate-secret')
  @HttpCode(200)
  @Access({ who: 'partner', owns: 'notification-endpoint' })
  @ApiParam(ENDPOINT_ID)
  @ApiCall({
    summary: 'Replace the signing secret',
    description:
      'Until the overlap ends both sign, so that receivers can be given the new one without losing a message.',
    answers: { 200: { description: 'The new secret', type: NewSecretDto } },
    problems: [CREDENTIAL_KIND_REFUSED, ENDPOINT_NOT_FOUND],
    body: {
      type: RotateSecretDto,
      required: false,
      examples: { day: { summary: 'Both sign for a day', value: { overlapHours: 24 } } },
    },
    idempotent: true,
  })
  async rotateSecret(
    @Owned() { endpointId }: NotificationEndpointEntity,
    @JsonBody(RotateSecretDto) body: RequestBody<RotateSecretDto>,
    @Req() request: HttpRequest,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<NewSecretDto> {
    return this.idempotency.transaction<NewSecretDto>(request, reply, async (tx) => {
      const overlapHours = body.validated().overlapHours ?? DEFAULT_OVERLAP_HOURS;
      const { secret, until } = await this.endpoints.rotateSecret(tx, endpointId, overlapHours);
      const kept = { endpointId, formerSecretUntil: until.toISOString() };
      return { status: 200, body: { ...kept, secret }, kept };
    });
  }

  @Post(':endpointId/enable')
  @HttpCode(200)
  @Access({ who: 'partner', owns: 'notification-endpoint' })
  @ApiParam(ENDPOINT_ID)
  @ApiCall({
    summary: 'Enable an endpoint that was disabled',
    description: 'What happened meanwhile, up to 30 days of it, is sent now, in the order in which it happened.',
    answers: { 200: { description: 'The endpoint, enabled', type: EndpointDto } },
    problems: [CREDENTIAL_KIND_REFUSED, ENDPOINT_NOT_FOUND],
    idempotent: true,
  })
  async enable(
    @Owned() { endpointId }: NotificationEndpointEntity,
    @JsonBody(NothingDto) body: RequestBody<NothingDto>,
    @Req() request: HttpRequest,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<EndpointDto> {
    return this.idempotency.transaction(request, reply, async (tx) => {
      body.validated();
      return { status: 200, body: endpointDto(await this.endpoints.enable(tx, endpointId)) };
    });
  }

  @Post(':endpointId/test')
  @HttpCode(202)
  @Access({ who: 'partner', owns: 'notification-endpoint' })
  @ApiParam(ENDPOINT_ID)
  @ApiCall({
    summary: 'Send yourself a message of the type endpoint.test',
    description: 'Signed and retried like every other; its `data` is the `endpointId`. Find its tries in the list.',
    answers: { 202: { description: 'It is being sent', type: NotificationDto } },
    problems: [CREDENTIAL_KIND_REFUSED, ENDPOINT_NOT_FOUND, ENDPOINT_DISABLED],
    idempotent: true,
  })
  async test(
    @Owned() { endpointId }: NotificationEndpointEntity,
    @JsonBody(NothingDto) body: RequestBody<NothingDto>,
    @Req() request: HttpRequest,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<NotificationDto> {
    return this.idempotency.transaction(request, reply, async (tx) => {
      return { status: 202, body: notificationDto(await this.endpoints.test(tx, endpointId, body)) };
    });
  }
}
