/** Jest's global tear-down. */
export { tearDown as default } from './cluster.mjs';
