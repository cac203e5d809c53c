import { availableParallelism } from 'node:os';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { inSlot } from './slots.ts';

test('never runs more works at once than there are processors, and runs all, failures included', async () => {
  let running = 0;
  let most = 0;
  const work = async (index: number): Promise<number> => {
    running += 1;
    most = Math.max(most, running);
    await turn();
    running -= 1;
    if (index % 3 === 0) throw new Error('failed');
    return index;
  };
  const outcomes = await Promise.allSettled(
    Array.from({ length: availableParallelism() * 5 }, (_, index) => inSlot(() => work(index))),
  );
  expect(outcomes.map(({ status }) => status)).toEqual(
    outcomes.map((_, index) => (index % 3 === 0 ? 'rejected' : 'fulfilled')),
  );
  expect(most).toBe(availableParallelism());
});
