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
