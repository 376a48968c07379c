import type { Holdfast } from '../support/holdfast.js';
import { eventually } from '../support/eventually.js';
import { everythingHeard, workUntilIdle } from '../support/idle-jobs.js';
import { brokenPromises, unfinished } from '../simulation/promises.js';
import { World, type PlacedOrder } from '../simulation/world.js';
import type { Seam, Seams } from './seams.js';

/** Something that somebody asks for, up to the moment when nobody has anything left to do for it. */
export interface Journey {
  readonly name: string;
  /** Minor units that may be given back, however often it was asked for. */
  readonly mostRefunded?: number;
  /** What is there before, made while nobody dies. */
  prepare(world: World): Promise<PlacedOrder>;
  /** Played once as it is, and once with a death at each of its seams. */
  play(world: World, order: PlacedOrder): Promise<unknown>;
  /** Looks for work of every order: what one death left is found before the next. */
  readonly looksForWork?: boolean;
  /** Seams of what is done when nothing is left to do: nobody need die there. */
  readonly idleSeams?: RegExp;
  /** What only this journey promises. @returns what is otherwise, in words */
  broken?(world: World, numbers: readonly string[]): Promise<string[]>;
}

/**
 * Plays a journey with a death at every seam that it has; each time whoever comes after finds what the dead left, and time
 * passes.
 * @returns where everybody died, where nobody came to die, and what was broken, in words
 */
export async function dieEverywhere(
  holdfast: Holdfast,
  seams: Seams,
  journey: Journey,
): Promise<{ deaths: Seam[]; missed: Seam[]; broken: string[] }> {
  const world = new World(holdfast);
  /** Order numbers, and where everybody died. */
  const story = new Map<string, string>();
  const { passed } = await playOnce(world, seams, journey, story);
  const names = passed.filter((name) => !journey.idleSeams?.test(name));
  const targets = names.flatMap((name) => [{ name, side: 'before' } as const, { name, side: 'after' } as const]);
  const missed: Seam[] = [];
  for (const target of targets) {
    if (!(await playOnce(world, seams, journey, story, target)).died) missed.push(target);
  }
  await world.heal();
  const broken = await brokenPromises(world);
  await world.end(unfinished);
  for (const { metadata, amount_refunded } of await holdfast.controls.wholeLedger())
    if (amount_refunded > (journey.mostRefunded ?? 0) && story.has(metadata.orderNumber ?? ''))
      broken.push(`${metadata.orderNumber} was given ${amount_refunded} back`);
  broken.push(...(await brokenPromises(world)), ...(await unfinished(world)));
  broken.push(...((await journey.broken?.(world, [...story.keys()])) ?? []));
  return { deaths: targets, missed, broken: [...new Set(broken)].map((line) => `${line}${whereDied(line, story)}`) };
}

async function playOnce(
  world: World,
  seams: Seams,
  journey: Journey,
  story: Map<string, string>,
  target?: Seam,
): Promise<{ passed: string[]; died: boolean }> {
  const { holdfast } = world;
  // Events come when the journey is ready for them: its seams have the same order every time.
  await holdfast.controls.webhooks({ mode: 'hold' });
  const order = await journey.prepare(world);
  await workUntilIdle(holdfast);
  seams.arm(target);
  await journey.play(world, order).catch((error: unknown) => {
    // Whoever asked loses the connection, or is told 500 by a process that is on its way out.
    if (!seams.isDead) throw error;
  });
  await untilQuiet(holdfast, seams);
  const died = seams.isDead;
  const passed = seams.disarm();
  story.set(order.number, target ? `${target.side} ${target.name}` : 'nobody died');
  await letLeasesRunOut(holdfast);
  // Those who come after do their jobs before any event tells them what was done.
  await workUntilIdle(holdfast);
  // Nothing is left that moves by itself; what only looking finds is found for all orders of the journey together.
  if (journey.looksForWork) await world.heal();
  else await everythingHeard(holdfast);
  await everythingTold(holdfast);
  return { passed, died };
}

/** Until the living have done everything, or the dead have noticed that they are. */
async function untilQuiet(holdfast: Holdfast, seams: Seams): Promise<void> {
  for (;;) {
    await workUntilIdle(holdfast, () => seams.isDead);
    await everythingTold(holdfast, () => seams.isDead);
    if (seams.isDead) break;
    if (((await holdfast.controls.flush()) as { data: unknown[] }).data.length === 0) return;
  }
  await eventually(
    () => holdfast.rows(`SELECT id FROM pgboss.job WHERE state = 'active'`),
    (active) => active.length === 0,
  );
}

/** Partners are told beside the jobs; nothing is there to wait for while nobody wants to be told. */
async function everythingTold(holdfast: Holdfast, isOver = () => false): Promise<void> {
  await eventually(
    () => holdfast.rows(`SELECT notification_id FROM notifications WHERE status = 'Pending'`),
    (waiting) => waiting.length === 0 || isOver(),
  );
}

/** What a dead process held is free a minute later. */
async function letLeasesRunOut(holdfast: Holdfast): Promise<void> {
  const rows = (sql: string) => holdfast.rows(sql);
  await rows(`UPDATE payments SET lease_until = now() - interval '1 second' WHERE lease_until > now()`);
  await rows(`UPDATE refunds SET lease_until = now() - interval '1 second' WHERE lease_until > now()`);
  await rows(`UPDATE order_items SET asked_until = now() - interval '1 second' WHERE asked_until > now()`);
  await rows(`UPDATE notifications SET lease_until = now() - interval '1 second' WHERE lease_until > now()`);
  await rows(`UPDATE idempotency_leases SET until = now() - interval '1 second' WHERE until > now()`);
}

/** For a line that names an order of the drill, where its process died. */
function whereDied(line: string, story: ReadonlyMap<string, string>): string {
  const found = [...story].find(([number]) => line.includes(number));
  return found ? ` (${found[1]})` : '';
}
