import { expect, test } from 'vitest';
import { together } from './together.ts';

test('a failure stops the others, and ends only after they did', async () => {
  const events: string[] = [];
  const stoppable = async (signal: AbortSignal): Promise<void> => {
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    events.push('stopped');
    throw new Error('second');
  };
  await expect(
    together(undefined, (signal) => [stoppable(signal), Promise.reject(new Error('first'))]),
  ).rejects.toThrow('first');
  expect(events).toEqual(['stopped']);
});
