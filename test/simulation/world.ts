import type { Answer } from '../support/api-client.js';
import type { Holdfast } from '../support/holdfast.js';
import { workUntilIdle } from '../support/idle-jobs.js';

/** An order of this run, and everything that somebody outside was ever given for it. */
export interface PlacedOrder {
  readonly number: string;
  readonly accountId: string;
  readonly items: readonly { number: string; isManual: boolean }[];
  /** Client secrets and addresses of hosted pages, the oldest first: a customer may come back to an old one. */
  readonly handles: { kind: 'secret' | 'page'; value: string }[];
  /** Outcomes that were reported and accepted: they must stay. */
  readonly reported: Map<string, string>;
  /** Final statuses that were answered: they must stay. */
  readonly answered: Set<string>;
  /** Every different answer to init payment, with the id of what it leads to at Stripe. */
  readonly initAnswers: Map<string, string | undefined>;
}

const FINAL = ['Fulfilled', 'PartiallyFulfilled', 'FulfillmentError', 'Canceled'];
/** A bank's last word takes a minute, and a release waits for it. */
const BANK_DECIDES_SECONDS = 61;
const HEALED_ROUNDS = 4;
const FORGOTTEN_WEEKS = 2;

/** One run of the simulation: what was done in it, and what it may bring home in the end. */
export class World {
  readonly orders: PlacedOrder[] = [];
  readonly log: string[] = [];
  /** Kinds of case that this run gave a reason for. */
  readonly expectedCases = new Set<string>();
  private hasWorker = true;

  constructor(readonly holdfast: Holdfast) {}

  order(index: number): PlacedOrder {
    const order = this.orders[index % this.orders.length];
    if (!order) throw new Error('no order was placed');
    return order;
  }

  /** What the service answered; anything that the contract has no status for has thrown before. */
  note(step: string, answer: Answer): Answer {
    const { code, order, orderStatus } = answer.body as {
      code?: string;
      order?: { orderNumber: string; orderStatus: string };
      orderStatus?: string;
    };
    this.say(`${step}: ${answer.status} ${code ?? ''} ${order?.orderStatus ?? orderStatus ?? ''}`);
    if (answer.status === 500) throw new Error(`${step} was answered with 500: ${answer.text}`);
    const placed = order && this.orders.find(({ number }) => number === order.orderNumber);
    if (placed && FINAL.includes(order.orderStatus)) placed.answered.add(order.orderStatus);
    return answer;
  }

  say(line: string): void {
    this.log.push(line);
  }

  async worker(runs: boolean): Promise<void> {
    if (runs === this.hasWorker) return;
    this.hasWorker = runs;
    await (runs ? this.holdfast.startWorker() : this.holdfast.stopWorker());
  }

  /** Lets what is under way come to its end, as far as it can at present. */
  async settle(): Promise<void> {
    await this.holdfast.passTime(BANK_DECIDES_SECONDS);
    await this.reconcile();
    if (this.hasWorker) await workUntilIdle(this.holdfast);
  }

  async reconcile(): Promise<void> {
    try {
      await this.holdfast.reconcile();
    } catch (error) {
      // Stripe may be cut off at the moment; at the end of a run it is not, and then nothing is forgiven.
      if (!(error instanceof AggregateError)) throw error;
      this.say(`reconcile: ${error.errors.map(String).join('; ')}`);
    }
  }

  /** Nobody is cut off any more, and everything that can be done now is done. */
  async heal(): Promise<void> {
    const { holdfast } = this;
    await holdfast.controls.clearFaults();
    await holdfast.controls.webhooks({ mode: 'deliver' });
    await holdfast.controls.flush();
    await this.worker(true);
    await holdfast.passTime(BANK_DECIDES_SECONDS);
    for (let round = 1; ; round++) {
      await workUntilIdle(holdfast);
      const found = await this.look(round);
      await workUntilIdle(holdfast);
      if (found === 0) return;
      if (round === HEALED_ROUNDS) throw new Error('looking for lost work goes on finding some');
    }
  }

  /** @returns how much was found to do, or could not be looked at */
  private async look(round: number): Promise<number> {
    try {
      return Object.values(await this.holdfast.reconcile()).reduce((sum, count) => sum + count, 0);
    } catch (error) {
      // A failure that Stripe stored under a key comes once more when nothing is wrong: that key is then given up.
      if (!(error instanceof AggregateError) || round === HEALED_ROUNDS) throw error;
      this.say(`looked: ${error.message}`);
      return 1;
    }
  }

  /**
   * Lets time pass until every order has its end: reservations reach their margin, forgotten orders expire.
   * @param unfinished the orders that have none yet
   */
  async end(unfinished: (world: World) => Promise<string[]>): Promise<void> {
    const { holdfast } = this;
    for (;;) {
      const [next] = await holdfast.rows<{ at: Date | null }>(
        `SELECT min(p.authorization_expires_at) AS at FROM payments p JOIN orders o USING (order_number)
         WHERE p.status = 'Authorized' AND o.status IN ('Paid', 'InTransit')`,
      );
      if (!next?.at) break;
      // Well inside the margin of half a day, and before the end.
      const { now } = (await (await fetch(`${holdfast.sandbox.url}/_sandbox/clock`)).json()) as { now: string };
      await holdfast.passTime(Math.max(60, Math.floor((next.at.getTime() - Date.parse(now)) / 1000) - 6 * 3600));
      await this.heal();
    }
    // A page that runs out brings its order back to Placed, and that one is forgotten a week later.
    for (let week = 1; week <= FORGOTTEN_WEEKS; week++) {
      await holdfast.passTime(8 * 24 * 3600);
      await this.heal();
      if ((await unfinished(this)).length === 0) return;
    }
  }
}
