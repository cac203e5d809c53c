// What benches say: intervals and units, and that a task that failed is no figure.
import { Bench } from 'tinybench';
import { expect, test } from 'vitest';
import { durationText, tableOf, timingOf } from './bench-micro.ts';

async function ran(task: () => void) {
  const bench = new Bench({ time: 1, iterations: 20, warmup: false });
  bench.add('a task', task);
  const [done] = await bench.run();
  return done!;
}

test('a task that ran has a mean within its interval, and at least as many samples as were asked for', async () => {
  const { name, lowMs, meanMs, highMs, medianMs, p99Ms, samples } = timingOf(
    await ran(() => JSON.stringify([1, 2, 3])),
  );
  expect(name).toBe('a task');
  expect([lowMs, meanMs, highMs].toSorted((a, b) => a - b)).toEqual([lowMs, meanMs, highMs]);
  expect(meanMs).toBeGreaterThan(0);
  expect(medianMs).toBeLessThanOrEqual(p99Ms);
  expect(samples).toBeGreaterThanOrEqual(20);
});

test('one that threw is told with its name and its reason', async () => {
  const failed = await ran(() => {
    throw new Error('on purpose');
  });
  expect(() => timingOf(failed)).toThrow('"a task" failed.');
  expect(() => timingOf({ name: 'idle', result: new Bench().add('idle', () => {}).tasks[0]!.result })).toThrow(
    '"idle" did not come to its end: not-started.',
  );
});

test.each([
  [0.000_123_4, '0.123 µs'],
  [0.456, '456 µs'],
  [1.234, '1.23 ms'],
  [999, '999 ms'],
  [12_345, '12.3 s'],
])('%d ms is %s', (ms, text) => {
  expect(durationText(ms)).toBe(text);
});

test('the table has a line each, names to the left and figures to the right', () => {
  const timing = { meanMs: 2, lowMs: 1.5, highMs: 2.5, medianMs: 1.9, p99Ms: 40, samples: 64 };
  expect(
    tableOf([
      { name: 'short', ...timing },
      { name: 'a longer name', ...timing, samples: 7 },
    ]),
  ).toEqual([
    '                  mean       95 % interval   median      p99  samples',
    'short          2.00 ms  1.50 ms to 2.50 ms  1.90 ms  40.0 ms       64',
    'a longer name  2.00 ms  1.50 ms to 2.50 ms  1.90 ms  40.0 ms        7',
  ]);
});
