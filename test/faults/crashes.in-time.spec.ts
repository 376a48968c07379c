import { afterAll, beforeAll } from '@jest/globals';
import { Receiver } from '../support/receiver.js';
import { Supplier } from '../support/supplier.js';
import { drill } from './drill.js';
import { inTime } from './journeys.in-time.js';

const strangers: { supplier?: Supplier; receiver?: Receiver } = {};
beforeAll(async () => {
  strangers.supplier = await Supplier.start();
  strangers.receiver = await Receiver.start();
});
afterAll(async () => {
  await strangers.supplier?.stop();
  await strangers.receiver?.stop();
});

// Shorter than a day: the hosted page of a forgotten order is open still.
drill(inTime(strangers), { ORDER_EXPIRY_HOURS: '2' });
