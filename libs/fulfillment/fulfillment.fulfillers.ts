import type { Type } from '@nestjs/common';
import { FULFILLERS } from '#orders';
import type { Fulfiller } from './fulfillment.fulfiller.js';
import { HttpFulfiller } from './fulfillment.http.js';
import { InstantFulfiller } from './fulfillment.instant.js';
import { ManualFulfiller } from './fulfillment.manual.js';

/** Everybody who delivers; docs/fulfillers.md shows how to add one. */
export const FULFILLER_CLASSES: Type<Fulfiller>[] = [InstantFulfiller, ManualFulfiller, HttpFulfiller];

/** Finds the fulfiller of an item. */
export class Fulfillers {
  /** @throws Error when they are not exactly those whose names an order may hold: then nothing must start */
  constructor(private readonly all: readonly Fulfiller[]) {
    const [known, accepted] = [all.map(({ name }) => name), [...FULFILLERS]].map((names) =>
      names.toSorted().join(', '),
    );
    if (known !== accepted) throw new Error(`orders accept the fulfillers ${accepted}, and there are ${known}`);
  }

  of(item: { readonly fulfiller: string }): Fulfiller {
    const fulfiller = this.all.find(({ name }) => name === item.fulfiller);
    if (!fulfiller) throw new Error(`nobody delivers for the fulfiller ${item.fulfiller}`);
    return fulfiller;
  }
}
