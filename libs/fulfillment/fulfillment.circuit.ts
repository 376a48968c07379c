import { randomInt } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { FulfillmentCircuitRepository } from './fulfillment.circuit.repository.js';

/** So many failures in a row, with no answer between them, open the circuit of an address. */
const FAILURES_TO_OPEN = 5;
const OPEN_SECONDS = 10;
/** Who tries a half-open circuit is alone for as long as its call may take; if it dies, the next one tries. */
const PROBE_SECONDS = 15;
/** Those who wait for one address come back one after the other. */
const SPREAD_SECONDS = 5;

/**
 * An address that only fails is left alone for a while, by all workers: its items wait without being asked for, instead of
 * taking the time of those of others. After a while one item tries; its answer closes the circuit.
 */
@Injectable()
export class FulfillmentCircuit {
  constructor(private readonly repository: FulfillmentCircuitRepository) {}

  /** @returns 0 when the address may be called now, else after how many seconds to ask again */
  async admit(address: string): Promise<number> {
    const seconds = await this.repository.secondsLeft(address);
    if (seconds === undefined) return 0;
    // Half-open: of all that come at once, one is let through.
    if (seconds <= 0 && (await this.repository.takeProbe(address, PROBE_SECONDS))) return 0;
    return Math.max(seconds, 1) + randomInt(SPREAD_SECONDS);
  }

  /** What a call came to: anything that was answered by a server that works closes the circuit. */
  async record(address: string, result: 'answers' | 'down'): Promise<void> {
    if (result === 'answers') await this.repository.close(address);
    else await this.repository.countFailure(address, FAILURES_TO_OPEN, OPEN_SECONDS);
  }

  /** For people: the addresses that are left alone at present, the worst first. */
  async open(limit: number): Promise<{ address: string; failures: number; openUntil: Date }[]> {
    return this.repository.open(limit);
  }

  async countOpen(): Promise<number> {
    return this.repository.countOpen();
  }
}
