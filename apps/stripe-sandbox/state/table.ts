/** What a table reports to whoever keeps the journal. */
export type Changed = (table: string, id: string, row: unknown) => void;

/**
 * Rows of one kind, in the order in which they were made. Rows are never changed in place: `update` replaces a row, so
 * that what an event or a stored idempotent answer holds stays what it was.
 *
 * `indexes` name the columns that lists filter by; a list then walks that index and not the whole table.
 */
export class Table<Row extends { readonly id: string }> {
  private readonly rows = new Map<string, Row>();
  private readonly order: string[] = [];
  private readonly positions = new Map<string, number>();
  private readonly indexes = new Map<keyof Row, Map<unknown, string[]>>();

  constructor(
    readonly name: string,
    private readonly changed: Changed,
    indexes: readonly (keyof Row)[] = [],
  ) {
    for (const column of indexes) this.indexes.set(column, new Map());
  }

  get(id: string): Row | undefined {
    return this.rows.get(id);
  }

  get size(): number {
    return this.rows.size;
  }

  insert(row: Row): Row {
    this.load(row);
    this.changed(this.name, row.id, row);
    return row;
  }

  /** Replaces a row by itself with `patch` applied, and returns the new one. */
  update(row: Row, patch: Partial<Row>): Row {
    const current = this.rows.get(row.id) ?? row;
    const next = { ...current, ...patch };
    this.rows.set(next.id, next);
    for (const [column, index] of this.indexes)
      if (next[column] !== current[column]) addTo(index, next[column], next.id);
    this.changed(this.name, next.id, next);
    return next;
  }

  delete(id: string): void {
    if (!this.rows.delete(id)) return;
    this.leaveOrder(id);
    this.changed(this.name, id, null);
  }

  /** Takes a row in without reporting it: used when state is read back from disk. */
  load(row: Row): void {
    if (!this.rows.has(row.id)) {
      this.positions.set(row.id, this.order.push(row.id) - 1);
    }
    const previous = this.rows.get(row.id);
    this.rows.set(row.id, row);
    for (const [column, index] of this.indexes)
      if (previous?.[column] !== row[column]) addTo(index, row[column], row.id);
  }

  unload(id: string): void {
    this.rows.delete(id);
    this.leaveOrder(id);
  }

  clear(): void {
    for (const id of this.rows.keys()) this.changed(this.name, id, null);
    this.rows.clear();
    this.order.length = 0;
    this.positions.clear();
    for (const index of this.indexes.values()) index.clear();
  }

  /** The place stays empty, so that a page can still begin after a row that is gone. */
  private leaveOrder(id: string): void {
    const position = this.positions.get(id);
    if (position !== undefined) this.order[position] = '';
  }

  /** Where a row stands in the order of creation, for paging. */
  position(id: string): number | undefined {
    return this.positions.get(id);
  }

  /** Every row, oldest first. */
  *oldestFirst(): Generator<Row> {
    for (const id of this.order) {
      const row = this.rows.get(id);
      if (row !== undefined) yield row;
    }
  }

  /** Rows from a position on, newest first (`step` -1) or oldest first (`step` 1). */
  *walk(from: number, step: 1 | -1): Generator<Row> {
    for (let index = from; index >= 0 && index < this.order.length; index += step) {
      const row = this.rows.get(this.order[index] ?? '');
      if (row !== undefined) yield row;
    }
  }

  get lastPosition(): number {
    return this.order.length - 1;
  }

  /** The rows whose indexed column has this value, oldest first. */
  where<Column extends keyof Row>(column: Column, value: Row[Column]): Row[] {
    const index = this.indexes.get(column);
    if (index === undefined) throw new Error(`${this.name} has no index on ${String(column)}`);
    const found = [];
    for (const id of new Set(index.get(value))) {
      const row = this.rows.get(id);
      if (row !== undefined && row[column] === value) found.push(row);
    }
    return found;
  }
}

function addTo(index: Map<unknown, string[]>, value: unknown, id: string): void {
  const ids = index.get(value);
  if (ids === undefined) index.set(value, [id]);
  else ids.push(id);
}
