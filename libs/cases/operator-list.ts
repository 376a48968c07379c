import { Injectable } from '@nestjs/common';
import { Clock, type Counted, type Tx } from '#platform';
import { CasesRepository } from './cases.repository.js';
import type { ClosedCase, OpenCase, OperatorCase, Settlement } from './operator-case.js';

/** More than a person reads at once. */
const SHOWN = 200;

/** The list of what no rule of ours may decide. An entry is closed, never deleted. */
@Injectable()
export class OperatorList {
  constructor(
    private readonly repository: CasesRepository,
    private readonly clock: Clock,
  ) {}

  /** Adds a case in the transaction that found it; again is no second entry while the first is open. */
  async add(tx: Tx, entry: OperatorCase): Promise<void> {
    await this.repository.insert(tx, entry, this.clock.now());
  }

  /** Closes a case that somebody else has settled, if it is open. */
  async close(tx: Tx, kind: string, subject: string): Promise<void> {
    await this.repository.close(tx, kind, subject, this.clock.now());
  }

  /** Which of some subjects were ever given to a person by one of these kinds, be the case open or closed. */
  async subjectsOf(kinds: readonly string[], subjects: readonly string[]): Promise<Set<string>> {
    return this.repository.subjectsOf(kinds, subjects);
  }

  /**
   * The longest open first, as many as a person reads at once.
   * @param subject only what is about it; everything when it is left out
   */
  async open(subject?: string): Promise<OpenCase[]> {
    return this.repository.open(subject, SHOWN);
  }

  /** How many are open, of each kind. */
  async countOpen(): Promise<Counted[]> {
    return this.repository.countOpen();
  }

  /**
   * A person has dealt with it.
   * @param settlementOf says of what is being closed how it was settled, where that has to be said
   * @returns what was closed; `undefined` when it is not open
   */
  async closeById(
    tx: Tx,
    id: number,
    settlementOf: (open: ClosedCase) => Settlement | undefined,
  ): Promise<ClosedCase | undefined> {
    const open = await this.repository.lockOpen(tx, id);
    if (!open) return undefined;
    await this.repository.closeById(tx, id, this.clock.now(), settlementOf(open) ?? null);
    return open;
  }
}
