import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Holdfast } from '../support/holdfast.js';
import { dieEverywhere, type Journey } from './deaths.js';
import { Seams } from './seams.js';

/**
 * A death before and after every commit and every call of these journeys, each found by playing it once.
 * @param environment of the service, where the defaults would not do
 */
export function drill(journeys: readonly Journey[], environment: Record<string, string> = {}): void {
  describe('a death at every seam', () => {
    let holdfast: Holdfast;
    let seams: Seams;
    beforeAll(async () => {
      holdfast = await Holdfast.start({ environment });
      seams = new Seams(holdfast.programs);
    });
    afterAll(() => holdfast.stop());

    it.each(journeys.map((journey) => [journey.name, journey] as const))(
      'of an order %s leaves nothing undone and nothing done twice',
      async (_, journey) => {
        const { broken, missed, deaths } = await dieEverywhere(holdfast, seams, journey);
        expect(broken).toEqual([]);
        expect(missed).toEqual([]);
        expect(deaths).not.toEqual([]);
      },
    );
  });
}
