import type { World } from './world.js';

export interface Customer {
  world: World;
}
