// Coverage by room: which files stand together, and their sums.
import { expect, test } from 'vitest';
import { roomOf, roomTable } from './room-coverage.ts';

test.each([
  ['harness/gate/protocol.ts', 'harness/gate'],
  ['harness/search/shrink/shrink.ts', 'harness/search'],
  ['harness/native.ts', 'harness'],
  ['src/policies/probe/raw.ts', 'src/policies'],
  ['src/programs.ts', 'src'],
  ['cli/commands/run.ts', 'cli'],
  ['reports/page/timeline/rows.ts', 'reports'],
])('%s is in %s', (path, room) => {
  expect(roomOf(path)).toBe(room);
});

test('sums of lines, not means of shares', () => {
  const files = new Map([
    ['harness/gate/a.ts', { total: 100, covered: 100 }],
    ['cli/c.ts', { total: 4, covered: 1 }],
    ['harness/gate/b.ts', { total: 900, covered: 400 }],
    ['src/empty.ts', { total: 0, covered: 0 }],
  ]);
  expect(roomTable(files)).toEqual([
    'cli            25.0 %     1 of    4 lines',
    'harness/gate   50.0 %   500 of 1000 lines',
    'src           100.0 %     0 of    0 lines',
    'all            49.9 %   501 of 1004 lines',
  ]);
});
