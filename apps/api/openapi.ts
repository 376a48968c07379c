import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { bodyRefusals, type HttpRequest } from '#http';
import { CONFIG, readConfig, type Config } from '#platform';
import { ApiModule } from './api.module.js';

const DESCRIPTION = `Order payments for a marketplace: the money is **reserved** when the customer pays, and exactly what was
delivered is **charged** after fulfilment.

In sandbox mode the whole journey takes two minutes, and almost every field is filled in:

1. **Authorize** with the demo partner's key \`hf_test_demo\`.
2. \`POST /v1/accounts\`: execute, and copy the \`accountId\` of the answer.
3. \`POST /v1/orders\`: put it where the example says so. The answer has the \`orderNumber\` for all that follows.
4. \`PUT /v1/orders/{orderNumber}/payment\`: open the \`checkoutUrl\` of the answer and pay with the card 4242 4242 4242 4242,
   any date to come and any code. You are led back to this page.
5. \`GET /v1/orders/{orderNumber}\`: delivered, charged and \`Fulfilled\`; its timeline tells how that came.

Names in requests match without regard to case. Money is an integer in the currency's minor unit. Errors are
\`application/problem+json\` (RFC 9457) and name every fault in \`validationMessages\`.`;

/** Where the examples of addresses lead. */
const EXAMPLES_ADDRESS = 'http://127.0.0.1:3000';

const BEARER = 'A partner key (hf_…) or an account token; for operators, the OPERATOR_KEY, if there is one';

export function describeApi(app: NestFastifyApplication): OpenAPIObject {
  const document = new DocumentBuilder()
    .setTitle('Holdfast')
    .setDescription(DESCRIPTION)
    .setVersion('1')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: BEARER })
    .addTag('Accounts', 'Your customers, and tokens for their browsers')
    .addTag('Orders', 'Orders, their items and their history')
    .addTag('Payment', 'Reserve, abandon, cancel, refund')
    .addTag('Payment methods', 'The cards that an account has saved')
    .addTag('Fulfilment', 'Reports about items that you deliver yourself')
    .addTag('Notifications', 'What your servers are told, and where')
    .addTag('Operators', 'What a person must decide')
    .addTag('Operators', 'For whoever runs this service: what needs a person, and the safe next steps')
    .addTag('Operations', 'Health')
    .build();
  return wholeNumbers(refusingBodies(SwaggerModule.createDocument(app, document)));
}

function refusingBodies(document: OpenAPIObject): OpenAPIObject {
  for (const { put, post, delete: remove } of Object.values(document.paths)) {
    for (const operation of [put, post, remove]) Object.assign(operation?.responses ?? {}, bodyRefusals());
  }
  return document;
}

/** Every number of this API is a whole one: amounts are minor units. A property's type does not say so by itself. */
function wholeNumbers<T>(part: T): T {
  if (typeof part !== 'object' || part === null) return part;
  if (Array.isArray(part)) return part.map(wholeNumbers) as T;
  const members = Object.entries(part).map(([name, member]: [string, unknown]) => [name, wholeNumbers(member)]);
  const copy = Object.fromEntries(members) as Record<string, unknown>;
  return (copy.type === 'number' ? { ...copy, type: 'integer' } : copy) as T;
}

let served: OpenAPIObject | undefined;

/** The code alone decides what it says: every API of this process serves the same one. */
function describedOnce(app: NestFastifyApplication): OpenAPIObject {
  return (served ??= describeApi(app));
}

/** The document as it is committed: from the code alone, since nothing that is only constructed connects to anything. */
export async function writtenApi(): Promise<string> {
  const config = readConfig({ HOLDFAST_SECRETS: `document:${Buffer.alloc(32, 1).toString('base64')}` });
  const module = ApiModule.forRoot(config, false);
  const app = await NestFactory.create<NestFastifyApplication>(module, new FastifyAdapter(), { logger: false });
  return `${JSON.stringify(describeApi(app), null, 2)}\n`;
}

/** The document is the same everywhere; the page's examples lead back to the page, whatever port it is on. */
function atPort(port: number, document: OpenAPIObject): OpenAPIObject {
  const text = JSON.stringify(document).replaceAll(EXAMPLES_ADDRESS, `http://127.0.0.1:${port}`);
  return JSON.parse(text) as OpenAPIObject;
}

/** Swagger UI at `/docs`, the document at `/openapi.json`. */
export function documentApi(app: NestFastifyApplication): void {
  const { port } = app.get<Config>(CONFIG);
  SwaggerModule.setup('docs', app, () => describedOnce(app), {
    jsonDocumentUrl: 'openapi.json',
    raw: ['json'],
    patchDocumentOnRequest: (request, _reply, document) =>
      (request as HttpRequest).url.startsWith('/docs/') ? atPort(port, document) : document,
    customSiteTitle: 'Holdfast API',
    swaggerOptions: { persistAuthorization: true, displayRequestDuration: true, tryItOutEnabled: true },
  });
}
