import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';

const DESCRIPTION = `Order payments for a marketplace: the money is **reserved** when the customer pays, and exactly what was
delivered is **charged** after fulfilment.

In sandbox mode, press *Authorize* and enter the demo partner's key \`hf_test_demo\`. Then: create an account, create an
order with \`orderStatus: Placed\`, init its payment, and pay on the page at \`checkoutUrl\` with the card 4242 4242 4242 4242.

Names in requests match without regard to case. Money is an integer in the currency's minor unit. Errors are
\`application/problem+json\` (RFC 9457) and name every fault in \`validationMessages\`.`;

export function describeApi(app: NestFastifyApplication): OpenAPIObject {
  const document = new DocumentBuilder()
    .setTitle('Holdfast')
    .setDescription(DESCRIPTION)
    .setVersion('1')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'A partner key (hf_…) or an account token' })
    .addTag('Accounts', 'Your customers, and tokens for their browsers')
    .addTag('Orders', 'Orders, their items and their history')
    .addTag('Payment', 'Reserve, abandon, cancel')
    .addTag('Fulfilment', 'Reports about items that you deliver yourself')
    .addTag('Operations', 'Health')
    .build();
  return SwaggerModule.createDocument(app, document);
}

/** Swagger UI at `/docs`, the document at `/openapi.json`. */
export function documentApi(app: NestFastifyApplication): void {
  SwaggerModule.setup('docs', app, () => describeApi(app), {
    jsonDocumentUrl: 'openapi.json',
    customSiteTitle: 'Holdfast API',
    swaggerOptions: { persistAuthorization: true, displayRequestDuration: true, tryItOutEnabled: true },
  });
}
