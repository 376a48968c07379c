import type { Config } from '#platform';

/** Tells where everything is. */
export function announce(config: Config, withSandbox: boolean): void {
  const host = ['0.0.0.0', '::'].includes(config.host) ? '127.0.0.1' : config.host;
  const api = `http://${host}:${config.port}`;
  const lines = [
    `Holdfast is ready (${config.mode} mode).`,
    `  API         ${api}/v1`,
    `  Swagger UI  ${api}/docs`,
    ...(withSandbox ? [`  Sandbox     http://${host}:${config.sandboxPort}`] : []),
    ...(config.mode === 'sandbox' ? ['  Demo key    hf_test_demo'] : []),
    `  Data        ${config.dataDir}`,
    'Ctrl+C stops everything.',
  ];
  console.log(lines.join('\n'));
}
