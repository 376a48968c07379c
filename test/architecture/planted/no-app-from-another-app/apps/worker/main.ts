import { port } from '../api/port.js';

export const called = port;
