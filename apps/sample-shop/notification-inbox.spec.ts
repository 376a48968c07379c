import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { NotificationInbox, type Notification } from './notification-inbox.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-inbox-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const told = (id: string): Notification => ({ id, type: 'order.paid', orderNumber: '26-1', receivedAt: '2026-01-01' });

test('a write that a full disk broke off loses only itself', async () => {
  const file = join(folder, 'inbox.jsonl');
  const inbox = new NotificationInbox(file);
  expect(await inbox.add(told('evt_1'))).toBe(true);
  appendFileSync(file, '\n{"id":"evt_half","type":');
  expect(await inbox.add(told('evt_2'))).toBe(true);
  const again = new NotificationInbox(file);
  expect(await again.add(told('evt_2'))).toBe(false);
  expect((await again.about('26-1')).map(({ id }) => id)).toEqual(['evt_1', 'evt_2']);
});
