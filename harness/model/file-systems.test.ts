// What SQLite promises, by journal mode and level of synchronous.
import { expect, test } from 'vitest';
import { durabilityOf } from './file-systems.ts';

test.each([
  ['WAL', 'order', 'acknowledged', 'acknowledged'],
  ['DELETE', 'order', 'order', 'acknowledged'],
  ['TRUNCATE', 'order', 'acknowledged', 'acknowledged'],
  ['PERSIST', 'order', 'acknowledged', 'acknowledged'],
] as const)('%s: with NORMAL %s, with FULL %s, with EXTRA %s; OFF promises nothing', (journal, normal, full, extra) => {
  expect(durabilityOf(journal, 'OFF')).toBe('nothing');
  expect(durabilityOf(journal, 'NORMAL')).toBe(normal);
  expect(durabilityOf(journal, 'FULL')).toBe(full);
  expect(durabilityOf(journal, 'EXTRA')).toBe(extra);
});
