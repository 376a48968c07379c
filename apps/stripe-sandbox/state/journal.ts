import {
  closeSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** One change: table, id, and the row as it now is (null: gone). */
export type Change = [table: string, id: string, row: unknown];

/** Rewrite the file as the plain state once it has grown by this many bytes: about a minute of constant load. */
const COMPACT_AFTER_BYTES = 64 * 1024 * 1024;

/** A sandbox that was told to end, or whose starter was killed, may still be ending. */
const LOCK_WAIT_MS = 3000;
const SQLITE_BUSY = 5;

/**
 * What makes a restart remember: a file of JSON lines, one line per request, with every row that the request changed.
 *
 * A journal and not a snapshot, because a line is written before the request is answered (an answer given is an answer
 * kept, also after kill -9) and a line costs some twenty microseconds where a whole snapshot would cost milliseconds. One
 * line per request, because a line is then either there or not: a request is never half remembered. It is not fsynced: a
 * sandbox need not survive the loss of power.
 */
export class Journal {
  private readonly path: string;
  private file: number | undefined;
  private pending: Change[] = [];
  /** Bytes of the file, and how many of them were the state when it was written whole. */
  private size = 0;
  private compacted = 0;
  private readonly lock: DatabaseSync;

  /**
   * Two sandboxes in one directory would each forget what the other was told. The lock is SQLite's, since the kernel ends
   * it with the process, kill -9 included.
   * @throws when another one has the directory
   */
  constructor(directory: string) {
    mkdirSync(directory, { recursive: true });
    this.path = join(directory, 'journal.jsonl');
    this.lock = new DatabaseSync(join(directory, 'lock'), { timeout: LOCK_WAIT_MS });
    try {
      this.lock.exec('BEGIN EXCLUSIVE');
    } catch (error) {
      this.lock.close();
      if ((error as { errcode?: number }).errcode !== SQLITE_BUSY) throw error;
      throw new Error(`${directory}: another sandbox keeps its state here; end it, or name another DATA_DIR`, {
        cause: error,
      });
    }
  }

  /**
   * All changes in the order in which they were made. A torn last line (killed while writing) is left out.
   * @throws when any other line is broken: to go on would lose what stands behind it
   */
  *read(): Generator<Change> {
    if (!existsSync(this.path)) return;
    const lines = readFileSync(this.path, 'utf8').split('\n');
    for (const [index, line] of lines.entries()) {
      if (line === '') continue;
      const changes = parseLine(line);
      if (changes !== undefined) yield* changes;
      else if (index < lines.length - 1) throw new Error(`${this.path}: line ${index + 1} is broken`);
    }
  }

  record(table: string, id: string, row: unknown): void {
    this.pending.push([table, id, row]);
  }

  /**
   * Writes what was recorded since the last call. `state` gives the whole state when it is time to compact.
   * @throws when the disk is full, or gone: what was recorded is kept, and written by the next call that can
   */
  commit(state: () => Iterable<Change>): void {
    if (this.pending.length === 0 || this.file === undefined) return;
    this.append(this.file, Buffer.from(JSON.stringify(this.pending) + '\n'));
    this.pending = [];
    if (this.size - this.compacted > COMPACT_AFTER_BYTES) this.compactWhenPossible(state());
  }

  /**
   * Replaces the file by the given state, atomically, and goes on writing after it.
   * @throws when there is no room for it: the file is then as it was
   */
  compact(state: Iterable<Change>): void {
    const path = `${this.path}.next`;
    const lines = [];
    for (const change of state) lines.push(JSON.stringify([change]));
    const text = Buffer.from(lines.length === 0 ? '' : lines.join('\n') + '\n');
    rmSync(path, { force: true });
    const next = openSync(path, 'a');
    try {
      writeFileSync(next, text);
      renameSync(path, this.path);
    } catch (error) {
      closeSync(next);
      rmSync(path, { force: true });
      throw error;
    }
    this.closeFile();
    this.file = next;
    this.pending = [];
    this.compacted = this.size = text.length;
  }

  /** What was asked for is written already, and its answer does not depend on this: it is tried again when as much has come. */
  private compactWhenPossible(state: Iterable<Change>): void {
    try {
      this.compact(state);
    } catch (error) {
      this.compacted = this.size;
      process.stderr.write(`${this.path} could not be made smaller: ${String(error)}\n`);
    }
  }

  /** The whole line or nothing of it: half a line would take the next one with it. */
  private append(file: number, line: Buffer): void {
    try {
      writeFileSync(file, line);
    } catch (error) {
      ftruncateSync(file, this.size);
      throw error;
    }
    this.size += line.length;
  }

  close(): void {
    this.closeFile();
    this.lock.close();
  }

  private closeFile(): void {
    if (this.file !== undefined) closeSync(this.file);
    this.file = undefined;
  }
}

function parseLine(line: string): Change[] | undefined {
  try {
    return JSON.parse(line) as Change[];
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
