import { Controller, Delete, Get, HttpCode, Param } from '@nestjs/common';
import { ApiParam, ApiTags } from '@nestjs/swagger';
import { ACCOUNT_NOT_FOUND, AccountEntity } from '#accounts';
import { CREDENTIAL_KIND_REFUSED, Owned } from '#partners';
import { Access, ApiCall, cursorOf, JsonBody, NothingDto, pageOf, PageQuery, QueryOf, RequestBody } from '#http';
import { PROVIDER_UNAVAILABLE } from '#stripe';
import { paymentMethodDto, PaymentMethodListDto } from './dto/payment-method.dto.js';
import { PAYMENT_METHOD_NOT_FOUND } from './payment-methods.errors.js';
import { PaymentMethodsService } from './payment-methods.service.js';

@ApiTags('Payment methods')
@Controller('v1/accounts/:accountId/payment-methods')
export class PaymentMethodsController {
  constructor(private readonly paymentMethods: PaymentMethodsService) {}

  @Get()
  @Access({ who: 'both', owns: 'account' })
  @ApiParam({ name: 'accountId', description: 'With an account token also `me`' })
  @ApiCall({
    summary: 'List the saved cards of an account, newest first',
    description: 'A card that was saved twice is listed once.',
    query: PageQuery,
    answers: { 200: { description: 'A page', type: PaymentMethodListDto } },
    problems: [ACCOUNT_NOT_FOUND, PROVIDER_UNAVAILABLE],
  })
  async list(@Owned() account: AccountEntity, @QueryOf(PageQuery) page: PageQuery): Promise<PaymentMethodListDto> {
    const methods = await this.paymentMethods.list(account.accountId, page);
    return pageOf(methods, page.limit, paymentMethodDto, ({ createdAt, paymentMethodId }) =>
      cursorOf({ createdAt, id: paymentMethodId }),
    );
  }

  @Delete(':paymentMethodId')
  @HttpCode(204)
  @Access({ who: 'both', owns: 'account' })
  @ApiParam({ name: 'accountId', description: 'With an account token also `me`' })
  @ApiParam({ name: 'paymentMethodId', example: 'pm_1QxYz' })
  @ApiCall({
    summary: 'Remove a saved card for good',
    description: 'It is removed wholly, also where it was saved twice, and can be used by nobody any more.',
    answers: { 204: { description: 'Removed' } },
    problems: [CREDENTIAL_KIND_REFUSED, ACCOUNT_NOT_FOUND, PAYMENT_METHOD_NOT_FOUND, PROVIDER_UNAVAILABLE],
  })
  async remove(
    @Owned() account: AccountEntity,
    @Param('paymentMethodId') paymentMethodId: string,
    @JsonBody(NothingDto) body: RequestBody<NothingDto>,
  ): Promise<void> {
    await this.paymentMethods.remove(account.accountId, paymentMethodId, body);
  }
}
