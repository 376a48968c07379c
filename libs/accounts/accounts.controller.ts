import { Controller, Get, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiParam, ApiTags } from '@nestjs/swagger';
import {
  Access,
  ApiCall,
  cursorOf,
  Idempotency,
  JsonBody,
  pageOf,
  PageQuery,
  QueryOf,
  RequestBody,
  type HttpReply,
  type HttpRequest,
} from '#http';
import { AccountEntity } from './account.entity.js';
import { ACCOUNT_NOT_FOUND } from './accounts.errors.js';
import { CREDENTIAL_KIND_REFUSED, Credentials, Caller, Owned, type Principal } from '#partners';
import { AccountsService } from './accounts.service.js';
import { AccountDto, accountDto, AccountListDto, TokenDto } from './dto/account.dto.js';
import { CreateAccountDto } from './dto/create-account.dto.js';
import { DEFAULT_TOKEN_SECONDS, MintTokenDto } from './dto/mint-token.dto.js';

@ApiTags('Accounts')
@Controller('v1/accounts')
export class AccountsController {
  constructor(
    private readonly accounts: AccountsService,
    private readonly credentials: Credentials,
    private readonly idempotency: Idempotency,
  ) {}

  @Post()
  @Access({ who: 'partner' })
  @ApiCall({
    summary: 'Create an account for one of your customers',
    answers: {
      201: { description: 'Created', type: AccountDto },
      200: { description: 'The account that this reference already names', type: AccountDto },
    },
    problems: [CREDENTIAL_KIND_REFUSED],
    body: {
      type: CreateAccountDto,
      examples: {
        customer: {
          summary: 'A customer',
          value: { reference: 'customer-4711', email: 'ada@example.com', name: 'Ada Lovelace' },
        },
      },
    },
    idempotent: true,
  })
  async create(
    @Caller() caller: Principal,
    @JsonBody(CreateAccountDto) body: RequestBody<CreateAccountDto>,
    @Req() request: HttpRequest,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<AccountDto> {
    const dto = body.validated();
    return this.idempotency.transaction(request, reply, async (tx) => {
      const { account, created } = await this.accounts.create(tx, caller.partnerId, dto);
      return { status: created ? 201 : 200, body: accountDto(account) };
    });
  }

  @Get()
  @Access({ who: 'partner' })
  @ApiCall({
    summary: 'List your accounts, newest first',
    query: PageQuery,
    answers: { 200: { description: 'A page', type: AccountListDto } },
    problems: [CREDENTIAL_KIND_REFUSED],
  })
  async list(@Caller() caller: Principal, @QueryOf(PageQuery) page: PageQuery): Promise<AccountListDto> {
    const rows = await this.accounts.list(caller.partnerId, page);
    return pageOf(rows, page.limit, accountDto, ({ createdAt, accountId }) => cursorOf({ createdAt, id: accountId }));
  }

  @Get(':accountId')
  @Access({ who: 'both', owns: 'account' })
  @ApiParam({ name: 'accountId', description: 'With an account token also `me`' })
  @ApiCall({
    summary: 'Read an account',
    answers: { 200: { description: 'The account', type: AccountDto } },
    problems: [ACCOUNT_NOT_FOUND],
  })
  read(@Owned() account: AccountEntity): AccountDto {
    return accountDto(account);
  }

  @Post(':accountId/tokens')
  @HttpCode(201)
  @Access({ who: 'partner', owns: 'account' })
  @ApiParam({ name: 'accountId' })
  @ApiCall({
    summary: 'Mint a token for a browser or a phone',
    description:
      'It may read this account and its orders, begin and abandon a payment, and manage the payment methods; nothing else. ' +
      'The token is shown this once: a replay by Idempotency-Key answers without it.',
    answers: { 201: { description: 'The token', type: TokenDto } },
    problems: [ACCOUNT_NOT_FOUND, CREDENTIAL_KIND_REFUSED],
    body: {
      type: MintTokenDto,
      required: false,
      examples: { hour: { summary: 'An hour', value: { expiresInSeconds: 3600 } } },
    },
    idempotent: true,
  })
  async mintToken(
    @Owned() account: AccountEntity,
    @JsonBody(MintTokenDto) body: RequestBody<MintTokenDto>,
    @Req() request: HttpRequest,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<TokenDto> {
    const seconds = body.validated().expiresInSeconds ?? DEFAULT_TOKEN_SECONDS;
    return this.idempotency.transaction(request, reply, async () => {
      const { token, expiresAt } = await this.credentials.mintToken(account, seconds);
      const answer = { token, expiresAt: expiresAt.toISOString() };
      return { status: 201, body: answer, kept: { expiresAt: answer.expiresAt } };
    });
  }
}
