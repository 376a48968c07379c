import { drill } from './drill.js';
import { PAYING } from './journeys.js';

drill(PAYING);
