import { join } from 'node:path';
import ts from 'typescript';
import type { Schema, Schemas } from './schema.js';

/** Stands in the repository's folder, where `stripe` is found; it is never written. */
const ENTRY = 'stripe-types.generated.ts';

/**
 * Makes schemas of what the `stripe` package declares, asking the TypeScript compiler: no shape is written by hand.
 * @param wanted names as the package exports them (`PaymentIntent`, `Checkout.Session`)
 * @param folder where the package is installed
 */
export function generateSchemas(wanted: readonly string[], folder: string): Schemas {
  const source = `import type Stripe from 'stripe';\n${wanted.map((name, index) => `export type Root${index} = Stripe.${name};`).join('\n')}`;
  const entry = join(folder, ENTRY);
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: [],
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (name) => name === entry || fileExists(name);
  host.getSourceFile = (name, version) =>
    name === entry ? ts.createSourceFile(name, source, version) : getSourceFile(name, version);
  const program = ts.createProgram([entry], options, host);
  const file = program.getSourceFile(entry);
  if (file === undefined) throw new Error('the compiler did not read its entry');
  const missing = program.getSemanticDiagnostics(file).map(({ messageText }) => messageText);
  if (missing.length > 0) throw new Error(`the stripe package has changed: ${JSON.stringify(missing)}`);
  return new Generator(program.getTypeChecker()).run(file, wanted);
}

class Generator {
  private readonly names = new Map<ts.Type, string>();
  private readonly definitions: Record<string, Schema> = {};

  constructor(private readonly checker: ts.TypeChecker) {}

  run(file: ts.SourceFile, wanted: readonly string[]): Schemas {
    const roots: Record<string, Schema> = {};
    for (const statement of file.statements.filter(ts.isTypeAliasDeclaration)) {
      const name = wanted[Number(statement.name.text.slice('Root'.length))] ?? '';
      roots[name] = this.schemaOf(this.checker.getTypeAtLocation(statement.type));
    }
    return { definitions: this.definitions, roots };
  }

  private schemaOf(type: ts.Type): Schema {
    const { flags } = type;
    if (flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown | ts.TypeFlags.TypeParameter)) return {};
    if (flags & ts.TypeFlags.String) return { type: 'string' };
    if (flags & ts.TypeFlags.Number) return { type: 'number' };
    if (flags & ts.TypeFlags.Null) return { type: 'null' };
    if (type.isStringLiteral() || type.isNumberLiteral()) return { enum: [type.value] };
    if (flags & ts.TypeFlags.BooleanLiteral) return { enum: [this.checker.typeToString(type) === 'true'] };
    if (type.isUnion()) return this.unionOf(type);
    if (isOtherString(type)) return { type: 'string' };
    // An object of the package only: on the wire it is text.
    if (this.checker.typeToString(type) === 'Decimal') return { type: 'string', pattern: '^-?\\d+(\\.\\d+)?$' };
    if (this.checker.isArrayType(type)) {
      const [element] = this.checker.getTypeArguments(type as ts.TypeReference);
      return { type: 'array', items: element === undefined ? {} : this.schemaOf(element) };
    }
    if (flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection)) return { $ref: this.define(type) };
    throw new Error(`no schema for ${this.checker.typeToString(type)}`);
  }

  /**
   * Literals become one enum. Stripe's enums stay open for the literals of later versions (`'a' | 'b' | OtherString`); the
   * sandbox speaks one version and has to keep to its literals, so an open string beside literals allows nothing more. A
   * member that is only `undefined` or `void` (`deleted?: void`) keeps no choice: nothing in JSON fits it.
   */
  private unionOf(type: ts.UnionType): Schema {
    const present = type.types.filter(({ flags }) => !(flags & (ts.TypeFlags.Undefined | ts.TypeFlags.Void)));
    const named = present.some((choice) => choice.isStringLiteral());
    const choices = present
      .filter((choice) => !(named && isOtherString(choice)))
      .map((choice) => this.schemaOf(choice));
    const literals = choices.flatMap((choice) => choice.enum ?? []);
    const others = choices.filter((choice) => choice.enum === undefined);
    const anyOf = literals.length === 0 ? others : [...others, { enum: literals }];
    return anyOf.length === 1 && anyOf[0] !== undefined ? anyOf[0] : { anyOf };
  }

  /** Interfaces name each other in circles: each gets its name before its members are looked at. */
  private define(type: ts.Type): string {
    const known = this.names.get(type);
    if (known !== undefined) return known;
    const name = `${this.checker.typeToString(type).slice(0, 120)}#${this.names.size}`;
    this.names.set(type, name);
    this.definitions[name] = this.objectOf(type);
    return name;
  }

  private objectOf(type: ts.Type): Schema {
    const index = this.checker.getIndexInfosOfType(type)[0];
    const members = this.checker.getPropertiesOfType(type);
    const properties = Object.fromEntries(
      members.map((member) => [member.name, this.schemaOf(this.checker.getTypeOfSymbol(member))]),
    );
    const required = members.filter(({ flags }) => !(flags & ts.SymbolFlags.Optional)).map(({ name }) => name);
    // An interface without members says nothing of what is in it.
    const isOpen = members.length === 0 && index === undefined;
    const additionalProperties = index !== undefined ? this.schemaOf(index.type) : isOpen ? {} : (false as const);
    return { type: 'object', properties, required, additionalProperties };
  }
}

/** `string & Record<never, never>`: any string, which editors complete with the literals beside it. */
function isOtherString(type: ts.Type): boolean {
  return type.isIntersection() && type.types.some(({ flags }) => (flags & ts.TypeFlags.String) !== 0);
}
