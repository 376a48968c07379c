import { clock } from '../../test/support/clock.js';

export const asked = clock;
