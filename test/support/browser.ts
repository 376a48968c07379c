import type { ChildProcess } from 'node:child_process';
import { channel } from 'node:diagnostics_channel';
import { existsSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { chromium, type Browser, type BrowserContext, type BrowserContextOptions, type Page } from 'playwright-core';
import { describeUnlessMissing } from './needs.js';
import { patience } from './patience.js';

/** Without its windows, Chromium takes half of the processor's time. */
const CHROMIUM = ['/usr/lib/chromium/chromium-headless-shell', '/usr/bin/chromium'];
const { CHROME_PATH } = process.env;
const executable = (CHROME_PATH === undefined ? CHROMIUM : [CHROME_PATH]).find((path) => existsSync(path));

const OPTIONS = [
  // Root has none.
  '--no-sandbox',
  // Nothing that speaks to anybody by itself, and nobody to speak to but this machine.
  '--disable-quic',
  '--disable-background-networking',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost',
  // Fewer processes: pages of the tests need no protection from each other.
  '--disable-gpu',
  '--in-process-gpu',
  '--disable-site-isolation-trials',
  '--renderer-process-limit=1',
];

/** `describe` for tests that drive a browser. */
export const describeInBrowser = describeUnlessMissing(
  executable === undefined
    ? `no browser at ${CHROME_PATH ?? CHROMIUM.join(' or ')} (Debian: apt-get install chromium-headless-shell)`
    : undefined,
);

/** Sooner than the test's own limit, so that it is reported what was waited for. */
const LIMIT_MS = 60_000;

let opened: Promise<Browser> | undefined;

/**
 * The worker's browser, which serves all of its test files and ends with it: what a test has opened in it, the test closes.
 * It has a profile of its own that is gone with it.
 */
export async function openBrowser(): Promise<Browser> {
  const isThere = (await opened)?.isConnected() === true;
  if (!isThere) opened = launch();
  return opened as Promise<Browser>;
}

async function launch(): Promise<Browser> {
  const started: ChildProcess[] = [];
  const note = (message: unknown) => started.push((message as { process: ChildProcess }).process);
  const programs = channel('child_process');
  programs.subscribe(note);
  try {
    return await chromium.launch({
      executablePath: executable ?? CHROME_PATH ?? CHROMIUM[0] ?? '',
      args: OPTIONS,
      timeout: patience(180_000),
    });
  } finally {
    programs.unsubscribe(note);
    started.forEach(letGo);
  }
}

/** Playwright ends the program when this process ends; until then it must not keep this process. */
function letGo(program: ChildProcess): void {
  program.unref();
  for (const stream of program.stdio) (stream as ((Readable | Writable) & { unref?(): void }) | null)?.unref?.();
}

/** A page in a context of its own, which goes when the page is closed. */
export async function openPage(browser: Browser, options?: BrowserContextOptions): Promise<Page> {
  const page = await browser.newPage(options);
  page.setDefaultTimeout(patience(LIMIT_MS));
  return page;
}

/** One visitor, and what went wrong for them. */
export class Visitor {
  /** Errors of scripts, what a security policy forbade, and resources that were not there. */
  readonly faults: string[] = [];
  /** Requests to anybody but the origins that were allowed; none leaves this machine. */
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
    context.setDefaultTimeout(patience(LIMIT_MS));
    const visitor = new Visitor(context, await context.newPage());
    // Watched, not intercepted: an interception makes two messages of each request, and answers for the server at times.
    context.on('request', (request) => {
      const { protocol, origin } = new URL(request.url());
      if (protocol.startsWith('http') && !allowed.includes(origin)) visitor.outside.push(request.url());
    });
    return visitor;
  }
}
