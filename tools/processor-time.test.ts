// What a process has taken with all that it started: while they run, and when they have ended.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { processorMs } from './processor-time.ts';

/** Takes some of a processor, says how many ms it was, and waits for its input to end. */
const busy = `
  for (let i = 0; i < 2e8; i++);
  const { user, system } = process.cpuUsage();
  process.stdout.write(String((user + system) / 1000));
  process.stdin.resume();`;

/** Starts that, and takes nothing itself. */
const starts = `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(busy)}], { stdio: 'inherit' })`;

test('what a child of a child takes counts, now and when both have ended', async () => {
  const before = processorMs();
  const child = spawn(process.execPath, ['-e', starts], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  const least = Number(said.toString()) - 20; // of each process the last tick may not be over
  expect(least).toBeGreaterThan(0);
  expect(processorMs() - before).toBeGreaterThan(least);
  child.stdin.end();
  await once(child, 'close');
  expect(processorMs() - before).toBeGreaterThan(least);
});

test('of a process that is gone there is nothing to count', () => {
  expect(processorMs(2 ** 30)).toBe(0);
});
