import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';

const AXE_FILE = fileURLToPath(import.meta.resolve('axe-core/axe.min.js'));
const AXE = existsSync(AXE_FILE) ? readFileSync(AXE_FILE, 'utf8') : '';
/** Only what breaks a rule is described in full, which takes most of the time. */
const run = (rules: object) => `axe.run(${JSON.stringify({ ...rules, resultTypes: ['violations'], selectors: false })})
  .then(({ violations, passes }) => ({
    passed: passes.length,
    found: violations.map(({ id, impact, nodes }) => ({
      impact,
      text: id + ': ' + nodes.map(({ html }) => html.slice(0, 160)).join(' | '),
    })),
  }))`;
const EVERY_RULE = run({});
const RULES_ON_COLOURS = run({ runOnly: ['cat.color'] });
/** What differs by night, as names of properties. */
const BY_NIGHT = `[...document.styleSheets]
  .flatMap(({ cssRules }) => [...cssRules])
  .filter((rule) => rule.media?.mediaText.includes('prefers-color-scheme'))
  .flatMap((rule) => [...rule.cssRules])
  .flatMap(({ style }) => [...style].map((name) => name + ': ' + style.getPropertyValue(name).trim()))`;
const COLOUR_VARIABLE = /^--[\w-]+: #[0-9a-f]{3,8}$/;

interface Result {
  readonly passed: number;
  readonly found: readonly { readonly impact: string; readonly text: string }[];
}

/** What axe finds on the page as it is, from serious on: rule and elements. */
export async function barriers(page: Page): Promise<string[]> {
  if (!(await page.evaluate<boolean>("'axe' in window"))) await page.evaluate(AXE);
  const { found } = await page.evaluate<Result>(EVERY_RULE);
  return found.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ text }) => text);
}

/** Everything that axe finds, by day and by night; by night, where nothing but colours differs, with the rules on colours. */
export async function violations(page: Page): Promise<string[]> {
  const evaluate = await worldOf(page);
  await page.emulateMedia({ colorScheme: 'light' });
  await evaluate(`${AXE};undefined`);
  const byDay = (await evaluate(EVERY_RULE)) as Result;
  await page.emulateMedia({ colorScheme: 'dark' });
  const byNight = (await evaluate(RULES_ON_COLOURS)) as Result;
  if (byDay.passed < 10 || byNight.passed < 1) throw new Error('axe has looked at nothing');
  const differing = (await evaluate(BY_NIGHT)) as string[];
  if (differing.length === 0) throw new Error('nothing differs by night');
  return [
    ...[...byDay.found, ...byNight.found].map(({ text }) => text),
    ...differing.filter((property) => !COLOUR_VARIABLE.test(property)),
  ];
}

/** Runs expressions in a world of their own: the page's policy allows no script that it did not bring. */
async function worldOf(page: Page): Promise<(expression: string) => Promise<unknown>> {
  const session = await page.context().newCDPSession(page);
  const { frameTree } = await session.send('Page.getFrameTree');
  const world = { frameId: frameTree.frame.id, worldName: 'axe', grantUniveralAccess: true };
  const { executionContextId: contextId } = await session.send('Page.createIsolatedWorld', world);
  return async (expression) => {
    const how = { expression, contextId, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails } = await session.send('Runtime.evaluate', how);
    if (exceptionDetails) throw new Error(exceptionDetails.text);
    return result.value as unknown;
  };
}
