import { expect, test } from 'vitest';
import { shortCode, timeText } from './format.ts';

test.each([
  [0, '0 s'],
  [850, '850 ms'],
  [12_500, '12.5 s'],
  [60_000, '1 min'],
  [65_004, '1 min 5.004 s'],
  [7_200_000, '2 h'],
  [100_863_000, '28 h 1 min 3 s'],
])('%d ms is %s', (ms, text) => {
  expect(timeText(ms).replaceAll('\u202f', ' ')).toBe(text);
});

test('a narrow column leaves out what all results share', () => {
  expect([shortCode('SQLITE_BUSY'), shortCode(0), shortCode(undefined)]).toEqual(['BUSY', '0', '']);
});
