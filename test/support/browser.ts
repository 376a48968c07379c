import { existsSync } from 'node:fs';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { describeUnlessMissing } from './needs.js';

const CHROMIUM = '/usr/bin/chromium';
/** No sandbox, since root has none; nothing that speaks to anybody by itself. */
const OPTIONS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** `describe` for tests that drive a browser. */
export const describeInBrowser = describeUnlessMissing(
  existsSync(CHROMIUM) ? undefined : `tests in a browser: ${CHROMIUM} is not there (Debian: apt-get install chromium)`,
);

/** Headless, with a profile of its own that is gone with it. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: OPTIONS });
}

/** One visitor, and what went wrong for them. */
export class Visitor {
  /** Errors of scripts, what a security policy forbade, and resources that were not there. */
  readonly faults: string[] = [];
  /** Requests to anybody but the origins that were allowed; they are not let through. */
  readonly outside: string[] = [];

  private constructor(
    readonly context: BrowserContext,
    readonly page: Page,
  ) {
    page.on('pageerror', (error) => this.faults.push(error.message));
    page.on('console', (line) => {
      if (line.type() === 'error') this.faults.push(line.text());
    });
  }

  /** @param allowed origins (`http://127.0.0.1:3000`) that may be asked */
  static async come(browser: Browser, allowed: readonly string[]): Promise<Visitor> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    const visitor = new Visitor(context, await context.newPage());
    await context.route(
      ({ protocol, origin }) => protocol.startsWith('http') && !allowed.includes(origin),
      async (route) => {
        visitor.outside.push(route.request().url());
        await route.abort();
      },
    );
    return visitor;
  }
}
