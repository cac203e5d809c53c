import { describe, expect, test } from 'vitest';
import type { Ending } from '../../../harness/model/process.ts';
import { restarts, withinStartLimit } from './restart-policy.ts';
import { unitFile } from './settings.ts';

const returned: Ending = { how: 'returned' };
const failed: Ending = { how: 'exited', code: 1 };
const killed: Ending = { how: 'killed', signal: 'SIGKILL' };
const forced: Ending = { how: 'exited', code: 75 };

test.each([
  ['always', [true, true, true, true]],
  ['on-failure', [false, true, true, true]],
  ['no', [false, false, false, true]],
] as const)('Restart=%s: after an end, a failure, a signal, and exit code 75', (restart, expected) => {
  expect([returned, failed, killed, forced].map((ending) => restarts(restart, ending))).toEqual(expected);
});

describe('the start limit', () => {
  const limited = unitFile({
    name: 'u',
    program: 'p',
    args: null,
    startLimitIntervalMs: 60_000,
    startLimitBurst: 3,
  });
  const within = (startsMs: readonly number[], nowMs: number) => withinStartLimit(limited, startsMs, nowMs);

  test('allows a burst within the interval, and not one more', () => {
    expect(within([0, 10_000], 20_000)).toBe(true);
    expect(within([0, 10_000, 20_000], 30_000)).toBe(false);
  });

  test('begins a new interval when the first start of this one is older', () => {
    expect(within([0, 10_000, 20_000], 60_000)).toBe(false);
    expect(within([0, 10_000, 20_000], 60_001)).toBe(true);
    expect(within([0, 59_000, 60_000, 61_000, 62_000], 63_000)).toBe(true);
  });

  test('is no limit where the interval is 0, as in the reported unit file', () => {
    const reported = unitFile({ name: 'u', program: 'p', args: null });
    const often = Array.from({ length: 1000 }, (_, i) => i);
    expect(withinStartLimit(reported, often, 1000)).toBe(true);
  });
});
