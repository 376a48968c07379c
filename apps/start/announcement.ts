import type { Config } from '#platform';

/** Where a program is found that listens on every address. */
export function reachable(host: string): string {
  return ['0.0.0.0', '::'].includes(host) ? '127.0.0.1' : host;
}

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
    `  Data        ${config.dataDir}`,
    'Ctrl+C stops everything.',
  ];
  console.log(lines.join('\n'));
}
