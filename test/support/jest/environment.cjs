const { ModuleMocker } = require('jest-mock');

/** The environment of a test file is the worker's own: no second realm, in which `Error` and `Array` would be others. */
module.exports = class ThisRealm {
  global = globalThis;
  moduleMocker = new ModuleMocker(globalThis);
  fakeTimers = null;
  fakeTimersModern = null;
  #console = globalThis.console;
  #exit = process.exit;

  async setup() {}

  /** Jest replaces these two for a file. */
  async teardown() {
    this.moduleMocker.restoreAllMocks();
    globalThis.console = this.#console;
    process.exit = this.#exit;
  }

  exportConditions() {
    return ['holdfast-source', 'node', 'node-addons'];
  }

  getVmContext() {
    return null;
  }
};
