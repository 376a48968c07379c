/**
 * Where the time of a test file goes, in seconds of the wall clock and of the processor: loading modules, starting the
 * service, the tests, and waiting. Kept only when TEST_TIMES names a file; `npm run test:times` prints it.
 */
const { appendFileSync, readFileSync } = require('node:fs');

/** A clock tick of /proc on Linux (`getconf CLK_TCK`). */
const TICKS_PER_SECOND = 100;

/** @returns the processor's seconds of a process, and of the programs that it started and that have ended */
function processorSeconds(pid = 'self') {
  // The name of the process, in brackets, may hold anything; the 14th to the 17th field are what counts.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ');
  const [own, ownSystem, programs, programsSystem] = fields.slice(11, 15).map(Number);
  return { own: (own + ownSystem) / TICKS_PER_SECOND, programs: (programs + programsSystem) / TICKS_PER_SECOND };
}

/** Measures one test file. */
class FileTimes {
  #began = performance.now();
  #processor = processorSeconds();
  #loop = performance.eventLoopUtilization();
  #parts = { load: { wall: 0, cpu: 0 }, start: { wall: 0, cpu: 0 } };

  /** @param part 'load' or 'start' */
  async measure(part, work) {
    const began = performance.now();
    const { own } = processorSeconds();
    try {
      return await work();
    } finally {
      this.#parts[part].wall += (performance.now() - began) / 1000;
      this.#parts[part].cpu += processorSeconds().own - own;
    }
  }

  write(file, path) {
    const now = processorSeconds();
    const { idle } = performance.eventLoopUtilization(this.#loop);
    const times = {
      path,
      wall: (performance.now() - this.#began) / 1000,
      ...this.#parts,
      own: now.own - this.#processor.own,
      programs: now.programs - this.#processor.programs,
      idle: idle / 1000,
    };
    appendFileSync(file, `${JSON.stringify(times)}\n`);
  }
}

module.exports = { FileTimes, processorSeconds, CURRENT: Symbol.for('holdfast.fileTimes') };
