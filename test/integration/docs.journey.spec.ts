import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { Holdfast } from '../support/holdfast.js';

const README = readFileSync(resolve(import.meta.dirname, '../../README.md'), 'utf8');
/** Printed by the test after each block, so that the end of its output is known. */
const END = '--- end of the block ---';

describe('README.md: the journey with curl', () => {
  let holdfast: Holdfast;
  let shell: Shell;
  beforeAll(async () => {
    holdfast = await Holdfast.start();
    shell = new Shell();
  });
  afterAll(async () => {
    shell.end();
    await holdfast.stop();
  });

  it('can be copied as it stands, by intent and by checkout', async () => {
    const blocks = [...README.matchAll(/^```bash\n(.*?)^```$/gms)].map(([, block]) => block!);
    expect(blocks).toHaveLength(3);
    const [byIntent = '', byCheckout = '', readAgain = ''] = blocks.map(onThesePorts);

    const [status, ...payment] = (await shell.run(byIntent)).split('\n');
    expect(status).toBe('requires_capture');
    for (const told of [`status: 'PartiallyCaptured'`, 'amountAuthorized: 3400', 'amountCaptured: 2500'])
      expect(payment.join('\n')).toContain(told);

    const page = await shell.run(byCheckout);
    expect(page).toMatch(new RegExp(`^${holdfast.sandbox.url}/c/pay/cs_test_\\w+$`));
    await holdfast.controls.payHostedPage(page);
    await eventually(
      () => shell.run(readAgain),
      (answer) => answer === 'Fulfilled',
    );
  });

  /** The README's ports are those of a start; the service of this test has others. */
  function onThesePorts(block: string): string {
    const rewritten = block
      .replaceAll('http://127.0.0.1:3000', holdfast.api.url)
      .replaceAll('http://127.0.0.1:12111', holdfast.sandbox.url);
    expect(rewritten).not.toMatch(/:3000|:12111/);
    return rewritten;
  }
});

/** One bash, as somebody has it in a terminal: what a block sets, the next one finds. */
class Shell {
  private readonly bash: ChildProcessWithoutNullStreams = spawn('bash', ['--norc']);
  private output = '';

  constructor() {
    this.bash.stdout.on('data', (data: Buffer) => (this.output += data.toString()));
    this.bash.stderr.on('data', (data: Buffer) => (this.output += data.toString()));
  }

  async run(block: string): Promise<string> {
    this.output = '';
    this.bash.stdin.write(`${block}\necho; echo '${END}'\n`);
    const said = await eventually(
      () => Promise.resolve(this.output),
      (output) => output.includes(END),
    );
    return said.slice(0, said.indexOf(END)).trim();
  }

  end(): void {
    this.bash.stdin.end();
  }
}
