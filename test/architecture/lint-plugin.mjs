/** Rules of our own for oxlint (`.oxlintrc.json`), and those of ESLint that it lacks. */

const report = (message, ...selectors) => ({
  create: (context) =>
    Object.fromEntries(selectors.map((selector) => [selector, (node) => context.report({ node, message })])),
});

const noEnum = report(
  'A union of string literals says the same, and is what the database and JSON hold.',
  'TSEnumDeclaration',
);

const noEnvironment = report(
  'Only libs/platform/config.ts reads the environment: it checks it at start, and names every fault.',
  // A program hands the environment to `readConfig(process.env)` whole; nothing else reads it.
  "MemberExpression[object.name='process'][property.name='env']:not(CallExpression[callee.name='readConfig'] > MemberExpression)",
  "ImportDeclaration[source.value=/^(node:)?process$/] ImportSpecifier[imported.name='env']",
);

/** The parser refuses this one and the next in a module; scripts and CommonJS may have them. */
const noOctal = report('A number that begins with 0 is octal.', 'Literal[raw=/^0[0-9]/]');

const noDuplicateParameters = {
  create(context) {
    const check = (node) => {
      const names = node.params.map(({ name }) => name);
      const twice = names.find((name, n) => name !== undefined && names.indexOf(name) !== n);
      if (twice) context.report({ node, message: `${twice} is the name of two parameters.` });
    };
    return { FunctionDeclaration: check, FunctionExpression: check };
  },
};

const noInlineConfig = {
  create: (context) => ({
    Program() {
      for (const comment of context.sourceCode.getAllComments())
        if (/^\s*(?:eslint|oxlint)\s/.test(comment.value))
          context.report({ loc: comment.loc, message: 'oxlint does not read it; rules are set in .oxlintrc.json.' });
    },
  }),
};

export default {
  meta: { name: 'holdfast' },
  rules: {
    'no-dupe-args': noDuplicateParameters,
    'no-enum': noEnum,
    'no-environment': noEnvironment,
    'no-inline-config': noInlineConfig,
    'no-octal': noOctal,
  },
};
