import { drill } from './drill.js';
import { GIVING_BACK } from './journeys.js';

drill(GIVING_BACK);
