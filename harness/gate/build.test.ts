import { readFileSync, truncateSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { useEmptyCache } from '../engines/empty-cache.test-support.ts';
import { gatePath } from './build.ts';

useEmptyCache();

test('a gate that was emptied in the cache is built anew, and says so', async () => {
  const gate = await gatePath();
  const whole = readFileSync(gate);
  truncateSync(gate);
  const progress = vi.fn();
  expect(await gatePath({ progress })).toBe(gate);
  expect(progress).toHaveBeenCalledWith('gate: the one in the cache is damaged');
  expect(readFileSync(gate).equals(whole)).toBe(true);
});
