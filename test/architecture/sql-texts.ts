import ts from 'typescript';

/** A text in the code of a repository, with what it stands in. */
export interface CodeText {
  /** `OrdersRepository.apply`, or the name of a function or constant. */
  readonly owner: string;
  /** Constants of the file are put in; other expressions stay as `${expression}`. */
  readonly text: string;
}

/** Every string and template of a file but its imports, in their order. A constant that others put in is a text of its own too. */
export function textsOf(path: string, code: string): CodeText[] {
  const file = ts.createSourceFile(path, code, ts.ScriptTarget.Latest, true);
  const constants = constantsOf(file);
  const found: CodeText[] = [];
  const visit = (node: ts.Node, owner: string): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node) || ts.isTypeNode(node)) return;
    if (isText(node)) found.push({ owner, text: textOf(node, constants) });
    const inner = ownerOf(node, owner);
    node.forEachChild((child) => visit(child, inner));
  };
  visit(file, '');
  return found;
}

type Text = ts.StringLiteral | ts.NoSubstitutionTemplateLiteral | ts.TemplateExpression;

function isText(node: ts.Node): node is Text {
  return ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node) || ts.isTemplateExpression(node);
}

function textOf(node: Text, constants: ReadonlyMap<string, ts.Expression>): string {
  if (!ts.isTemplateExpression(node)) return node.text;
  return (
    node.head.text + node.templateSpans.map((span) => valueOf(span.expression, constants) + span.literal.text).join('')
  );
}

function valueOf(expression: ts.Expression, constants: ReadonlyMap<string, ts.Expression>): string {
  const constant = ts.isIdentifier(expression) ? constants.get(expression.text) : undefined;
  if (constant && isText(constant)) return textOf(constant, constants);
  if (constant && ts.isNumericLiteral(constant)) return constant.text;
  return `\${${expression.getText()}}`;
}

/** The constants of a file, and of its methods: names are not used twice for different texts. */
function constantsOf(file: ts.SourceFile): ReadonlyMap<string, ts.Expression> {
  const constants = new Map<string, ts.Expression>();
  const visit = (node: ts.Node): void => {
    if (ts.isVariableDeclaration(node) && ts.isIdentifier(node.name) && node.initializer)
      constants.set(node.name.text, node.initializer);
    node.forEachChild(visit);
  };
  visit(file);
  return constants;
}

function ownerOf(node: ts.Node, owner: string): string {
  if (ts.isMethodDeclaration(node) && ts.isIdentifier(node.name)) return `${owner}.${node.name.text}`;
  const isNamed = ts.isClassDeclaration(node) || ts.isFunctionDeclaration(node);
  if (isNamed && owner === '') return node.name?.text ?? '';
  if (ts.isVariableDeclaration(node) && ts.isIdentifier(node.name) && owner === '') return node.name.text;
  return owner;
}

/** What one method sends to PostgreSQL: SQL as it is written, and calls of TypeORM as `-- TypeORM: …`. */
export interface MethodQueries {
  readonly owner: string;
  readonly queries: readonly string[];
}

const SQL = /\b(?:SELECT|FROM|INSERT|UPDATE|DELETE|WITH|WHERE|AND|ORDER BY)\b/;
/** Where a chain of calls to TypeORM begins, besides an injected repository. */
const TYPEORM_ROOTS = [
  'tx\\.manager\\b',
  'within\\(',
  'withItems\\(',
  'ownedBy\\(',
  'query\\.',
  'rows\\.createQueryBuilder\\b',
];

/** The queries of a repository file by method, in the order of the code. */
export function queriesOf(path: string, code: string): MethodQueries[] {
  const file = ts.createSourceFile(path, code, ts.ScriptTarget.Latest, true);
  const constants = constantsOf(file);
  const injected = [...code.matchAll(/@InjectRepository\(\w+\) private readonly (\w+)/g)].map(([, name]) => name);
  const roots = [...(injected.length > 0 ? [`this\\.(?:${injected.join('|')})\\b`] : []), ...TYPEORM_ROOTS];
  const typeOrm = new RegExp(`^(?:${roots.join('|')})`);
  const found = new Map<string, string[]>();
  const visit = (node: ts.Node, owner: string): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node) || ts.isTypeNode(node)) return;
    const queries = found.get(owner) ?? [];
    if (ts.isCallExpression(node) && typeOrm.test(node.getText())) {
      found.set(owner, [
        ...queries,
        `-- TypeORM: ${node
          .getText()
          .replace(/\s+(?=\.\w)|(?<=\()\s+|,?\s+(?=\))/g, '')
          .replace(/\s+/g, ' ')}`,
      ]);
      return;
    }
    if (isText(node)) {
      const text = textOf(node, constants);
      if (SQL.test(text)) found.set(owner, [...queries, text]);
    }
    const inner = ownerOf(node, owner);
    node.forEachChild((child) => visit(child, inner));
  };
  visit(file, '');
  return [...found].map(([owner, queries]) => ({ owner, queries }));
}
