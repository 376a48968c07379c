import { port } from '../api/port.js';

export const asked = port;
