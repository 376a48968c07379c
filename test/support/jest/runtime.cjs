/**
 * Jest's runtime, with one difference: Node itself loads the test file and everything that it imports. Jest's own runtime
 * evaluates NestJS, TypeORM and Stripe anew for every file, which took most of a run's time; Node keeps a module for the
 * life of the worker. So a test file must leave no state in a module: what it starts it stops, what it replaces it restores.
 */
const { createRequire } = require('node:module');
const { pathToFileURL } = require('node:url');
const JestRuntime = require('jest-runtime').default;
const { FileTimes, CURRENT } = require('./times.cjs');

const nativeRequire = createRequire(__filename);

/** What jest-worker sends to a worker that has nothing left to do. */
const CHILD_MESSAGE_END = 2;
// Idle connections of `fetch` keep a process for seconds, and Jest waits half a second before it calls that a leak.
process.on('message', ([kind]) => {
  if (kind === CHILD_MESSAGE_END) process.exit();
});

module.exports = class NativeRuntime extends JestRuntime {
  #path;
  #times;

  constructor(config, environment, resolver, transformer, sources, coverage, path, ...rest) {
    super(config, environment, resolver, transformer, sources, coverage, path, ...rest);
    globalThis.jest = environment.moduleMocker;
    this.#path = path;
    // Measuring reads /proc, which is Linux's alone.
    if (process.env.TEST_TIMES) this.#times = globalThis[CURRENT] = new FileTimes();
  }

  /** Circus, which collects and runs the tests, keeps its state in its module: each file has one of its own. */
  requireInternalModule(path) {
    delete nativeRequire.cache[path];
    delete globalThis[Symbol.for('EVENT_HANDLERS')];
    return nativeRequire(path);
  }

  unstable_shouldLoadAsEsm() {
    return true;
  }

  async unstable_importModule(path) {
    const load = () => import(pathToFileURL(path).href);
    await (this.#times ? this.#times.measure('load', load) : load());
  }

  teardown() {
    this.#times?.write(process.env.TEST_TIMES, this.#path);
    super.teardown();
  }

  /** Where the maps of compiled sources are: Jest shows stack traces by them. */
  getSourceMaps() {
    return globalThis[Symbol.for('holdfast.sourceMaps')];
  }
};
