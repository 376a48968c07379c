import type { NestFastifyApplication } from '@nestjs/platform-fastify';

/** What Swagger UI consists of. */
const PARTS_OF_DOCS = /^\S+ \/docs[/-]/;

/** `METHOD /path` of every route that the server knows, from the server's own tree; without the parts of Swagger UI. */
export function routesOf(app: NestFastifyApplication): string[] {
  const fastify = app.getHttpAdapter().getInstance();
  const above: string[] = [];
  return fastify
    .printRoutes({ commonPrefix: false })
    .split('\n')
    .flatMap((line) => {
      const match = /^(?<indent>[│ ]*)[├└]── (?<path>\S+) \((?<methods>[^)]+)\)$/.exec(line);
      if (!match?.groups) return [];
      const { indent = '', path = '', methods = '' } = match.groups;
      above.splice(indent.length / 4);
      above.push(path);
      const whole = above.join('').replace('//', '/');
      return methods
        .split(', ')
        .filter((method) => method !== 'HEAD')
        .map((method) => `${method} ${whole}`);
    })
    .filter((route) => !PARTS_OF_DOCS.test(route));
}
