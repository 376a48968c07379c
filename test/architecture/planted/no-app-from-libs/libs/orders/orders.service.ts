import { port } from '../../apps/api/port.js';

export const called = port;
