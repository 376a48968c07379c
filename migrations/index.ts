import { FirstJourney1763856000000 } from './1763856000000-first-journey.js';

/** One timeline, oldest first. */
export const MIGRATIONS = [FirstJourney1763856000000];
