/**
 * Lets Node load the TypeScript of the tests and of the product: `node --import ./test/support/jest/typescript.mjs`.
 * A file is compiled by swc once, and kept by the hash of its text and of the compiler's settings.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { join, resolve as resolvePath } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transformSync, version } from '@swc/core';

const ROOT = resolvePath(import.meta.dirname, '../../..');
const CACHE = join(ROOT, 'node_modules/.cache/holdfast-tests');
const SETTINGS = readFileSync(join(ROOT, '.swcrc'), 'utf8');
const JEST_GLOBALS = new URL('./globals.mjs', import.meta.url).href;

/** Where the map of each compiled file is, for Jest's stack traces. */
const sourceMaps = (globalThis[Symbol.for('holdfast.sourceMaps')] ??= new Map());

mkdirSync(CACHE, { recursive: true });

registerHooks({
  resolve(specifier, context, next) {
    if (specifier === '@jest/globals') return { url: JEST_GLOBALS, shortCircuit: true };
    if (isOurs(context.parentURL) && specifier.startsWith('.') && specifier.endsWith('.js')) {
      const source = new URL(`${specifier.slice(0, -'.js'.length)}.ts`, context.parentURL);
      if (existsSync(source)) return { url: source.href, format: 'module', shortCircuit: true };
    }
    return next(specifier, context);
  },
  load(url, context, next) {
    if (!isOurs(url)) return next(url, context);
    const path = fileURLToPath(url);
    return { format: 'module', source: compiled(url, path), shortCircuit: true };
  },
});

function isOurs(url) {
  return url?.startsWith('file:') === true && url.endsWith('.ts') && !url.includes('/node_modules/');
}

function compiled(url, path) {
  const text = readFileSync(path, 'utf8');
  const key = createHash('sha256').update(`${version}\0${SETTINGS}\0${path}\0${text}`).digest('hex');
  const file = join(CACHE, `${key}.js`);
  const map = `${file}.map`;
  sourceMaps.set(url, map);
  sourceMaps.set(path, map);
  if (!existsSync(file)) {
    const result = transformSync(text, { ...JSON.parse(SETTINGS), filename: path, sourceFileName: path, swcrc: false });
    write(map, result.map);
    write(file, result.code);
  }
  return readFileSync(file, 'utf8');
}

/** Another worker may write the same at this moment: nobody reads half of it. */
function write(file, text) {
  const part = `${file}.${process.pid}`;
  writeFileSync(part, text);
  renameSync(part, file);
}
