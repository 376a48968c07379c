import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StartFault } from './start-fault.js';

/** The right to use a data folder: one start has it at a time. */
export interface Hold {
  /** The start before did not end in order, and its programs may still be noticing that. */
  readonly formerWasKilled: boolean;
  release(): void;
}

/**
 * Two starts on one folder would stop each other's PostgreSQL and write over each other's sandbox. The lock must be gone
 * with the process, kill -9 included, which a file with a process id in it is not: that number may be another's by the
 * time it is read. Node has no call for a lock that the kernel keeps; SQLite, which comes with Node, takes one on every
 * system, and an empty database is all it needs.
 * @throws StartFault that names the process which has it
 */
export function holdDataFolder(dataDir: string): Hold {
  const pidFile = join(dataDir, 'start.pid');
  const lock = new DatabaseSync(join(dataDir, 'start.lock'));
  if (!locked(lock)) {
    lock.close();
    const pid = existsSync(pidFile) ? ` (process ${readFileSync(pidFile, 'utf8').trim()})` : '';
    throw new StartFault(`DATA_DIR: another start${pid} runs on ${dataDir}; end it, or name another folder`);
  }
  const formerWasKilled = existsSync(pidFile);
  writeFileSync(pidFile, `${process.pid}\n`);
  return {
    formerWasKilled,
    release() {
      rmSync(pidFile);
      lock.close();
    },
  };
}

const SQLITE_BUSY = 5;

function locked(lock: DatabaseSync): boolean {
  try {
    lock.exec('BEGIN EXCLUSIVE');
    return true;
  } catch (error) {
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY) return false;
    throw error;
  }
}
