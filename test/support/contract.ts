import { Ajv, type ValidateFunction } from 'ajv';

interface Operation {
  readonly responses: Record<string, { content?: Record<string, { schema?: object }> }>;
}

interface Document {
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: object;
}

/** The OpenAPI document of a running service, for holding every answer against it. */
export class Contract {
  private readonly ajv: Ajv;
  private readonly validators = new Map<string, ValidateFunction>();
  private readonly templates: readonly { readonly template: string; readonly fits: RegExp }[];

  private constructor(private readonly document: Document) {
    // The document's examples and formats are for people.
    this.ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
    this.templates = Object.keys(document.paths).map((template) => ({
      template,
      fits: new RegExp(`^${template.replace(/\{\w+\}/g, '[^/]+')}$`),
    }));
    this.ajv.addSchema(closed({ $id: 'document', components: document.components }) as object);
  }

  private static readonly known = new Map<string, Promise<Contract>>();
  /** By the document's text: the services of all test files serve the same one, whose validators are compiled once. */
  private static readonly byText = new Map<string, Contract>();

  static of(url: string): Promise<Contract> {
    const known = this.known.get(url) ?? this.read(url);
    this.known.set(url, known);
    return known;
  }

  private static async read(url: string): Promise<Contract> {
    const text = await (await fetch(`${url}/openapi.json`)).text();
    const contract = this.byText.get(text) ?? new Contract(JSON.parse(text) as Document);
    this.byText.set(text, contract);
    return contract;
  }

  /** @throws Error when the operation does not document this status, or its schema this body */
  check(method: string, path: string, answer: { status: number; headers: Headers; text: string }): void {
    const template = this.templateOf(path);
    const operation = template && this.document.paths[template]?.[method.toLowerCase()];
    if (!operation) return;
    const name = `${method} ${template} ${answer.status}`;
    const response = operation.responses[answer.status];
    if (!response) throw new Error(`openapi.json does not know the answer ${name}: ${answer.text}`);
    const media = answer.headers.get('content-type')?.split(';')[0] ?? '';
    const schema = response.content?.[media]?.schema;
    if (!schema && answer.text === '') return;
    if (!schema) throw new Error(`openapi.json does not say that ${name} has a body of ${media}: ${answer.text}`);
    const validate = this.validators.get(name) ?? this.ajv.compile(closed(schema) as object);
    this.validators.set(name, validate);
    if (!validate(JSON.parse(answer.text))) {
      throw new Error(`${name} does not fit openapi.json: ${this.ajv.errorsText(validate.errors)}: ${answer.text}`);
    }
  }

  private templateOf(path: string): string | undefined {
    const [bare = ''] = path.split('?');
    return this.templates.find(({ fits }) => fits.test(bare))?.template;
  }
}

/** The schema, closed to members that it does not name, and in the words of JSON Schema where OpenAPI has its own. */
function closed(part: unknown): unknown {
  if (typeof part !== 'object' || part === null) return part;
  if (Array.isArray(part)) return part.map(closed);
  const { nullable, allOf, ...rest } = Object.fromEntries(
    Object.entries(part).map(([name, member]) => [
      name,
      name === '$ref' ? String(member).replace('#/', 'document#/') : closed(member),
    ]),
  );
  if (nullable === true) return { anyOf: [{ type: 'null' }, ...((allOf as object[] | undefined) ?? [rest])] };
  const isOpen = typeof rest.properties !== 'object' || rest.type !== 'object' || 'additionalProperties' in rest;
  return { ...rest, ...(allOf !== undefined && { allOf }), ...(!isOpen && { additionalProperties: false }) };
}
