import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';

const AXE_FILE = fileURLToPath(import.meta.resolve('axe-core/axe.min.js'));
const AXE = existsSync(AXE_FILE) ? readFileSync(AXE_FILE, 'utf8') : '';
/** Every rule; only what breaks one is described in full, which takes most of the time. */
const RUN = `axe.run({ resultTypes: ['violations'] }).then(({ violations, passes }) => ({
  passed: passes.length,
  found: violations.map(({ id, impact, nodes }) => ({
    impact,
    text: id + ': ' + nodes.map(({ html }) => html.slice(0, 160)).join(' | '),
  })),
}))`;
const FEWEST_PASSED = 10;

interface Result {
  readonly passed: number;
  readonly found: readonly { readonly impact: string; readonly text: string }[];
}

/** What axe finds on the page as it is, from serious on: rule and elements. */
export async function barriers(page: Page): Promise<string[]> {
  if (!(await page.evaluate<boolean>("'axe' in window"))) await page.evaluate(AXE);
  const { found } = await page.evaluate<Result>(RUN);
  return found.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ text }) => text);
}

/** Everything that axe finds, in each of the colour schemes. */
export async function violations(page: Page, schemes: readonly ('light' | 'dark')[]): Promise<string[]> {
  // In a world of its own: the page's policy allows no script that it did not bring.
  const session = await page.context().newCDPSession(page);
  const { frameTree } = await session.send('Page.getFrameTree');
  const world = { frameId: frameTree.frame.id, worldName: 'axe', grantUniveralAccess: true };
  const { executionContextId: contextId } = await session.send('Page.createIsolatedWorld', world);
  const run = async (expression: string): Promise<unknown> => {
    const how = { expression, contextId, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails } = await session.send('Runtime.evaluate', how);
    if (exceptionDetails) throw new Error(exceptionDetails.text);
    return result.value;
  };
  await run(`${AXE};undefined`);
  const all: string[] = [];
  for (const colorScheme of schemes) {
    await page.emulateMedia({ colorScheme });
    const { passed, found } = (await run(RUN)) as Result;
    if (passed < FEWEST_PASSED) throw new Error('axe has looked at nothing');
    all.push(...found.map(({ text }) => text));
  }
  await session.detach();
  return all;
}
