import { Controller, Headers, HttpCode, Post } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Access, RawBody } from '#http';
import { WebhooksService } from './webhooks.service.js';

/** For Stripe alone, who signs what it sends; not part of the partners' API. */
@ApiExcludeController()
@Controller('webhooks')
export class WebhooksController {
  constructor(private readonly webhooks: WebhooksService) {}

  @Post('stripe')
  @HttpCode(200)
  @Access({ who: 'public' })
  async receive(@RawBody() raw: Buffer, @Headers('stripe-signature') signature?: string): Promise<{ received: true }> {
    await this.webhooks.receive(raw, signature);
    return { received: true };
  }
}
