import { relative } from 'node:path';
import { reachable, type Config } from '#platform';

/** Tells where everything is. */
export function announce(config: Config, withSandbox: boolean): void {
  const host = reachable(config.host);
  const api = `http://${host}:${config.port}`;
  const lines = [
    `Holdfast is ready (${config.mode} mode).`,
    `  API         ${api}/v1`,
    `  Swagger UI  ${api}/docs`,
    `  Console     ${api}/console`,
    ...(withSandbox ? [`  Sandbox     http://${host}:${config.sandboxPort}`] : []),
    ...(config.mode === 'sandbox'
      ? [`  Shop        http://${host}:${config.shopPort}`, '  Demo key    hf_test_demo']
      : []),
    `  Data        ${fromHere(config.dataDir)}`,
    'Ctrl+C stops everything.',
  ];
  console.log(lines.join('\n'));
}

/** As short as it can be typed in this terminal. */
function fromHere(folder: string): string {
  const path = relative('', folder);
  return path.startsWith('..') ? folder : path || '.';
}
