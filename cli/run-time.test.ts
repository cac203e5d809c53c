// `--time` of `run` is all of it: what is left for making a finding smaller is what searching has not taken.
import { expect, test } from 'vitest';
import { RunTime } from './run-time.ts';

test('nothing found: searching has all; found: the others have half, and shrinking what is left but for its last replays', () => {
  let now = 5000;
  const time = new RunTime(30_000, () => now);
  expect(time.search).toEqual({ timeMs: 30_000, othersMs: 15_000 });
  expect([time.isUp(false), time.isUp(true)]).toEqual([false, false]);
  now += 15_000;
  expect([time.isUp(false), time.isUp(true)]).toEqual([false, true]);
  expect(time.shrinkMs(60_000, 1)).toBe(14_000);
  expect(time.shrinkMs(60_000, 2)).toBe(6500);
  expect(time.shrinkMs(2000, 1)).toBe(2000);
  now += 14_000;
  expect(time.shrinkMs(60_000, 1)).toBeUndefined();
  now += 1000;
  expect(time.isUp(false)).toBe(true);
});

test('parts that follow each other share what is left', () => {
  let now = 0;
  const time = new RunTime(12_000, () => now);
  expect(time.partMs(3)).toBe(4000);
  now = 6000; // the first has taken more than its part
  expect(time.partMs(2)).toBe(3000);
  now = 20_000;
  expect(time.partMs(1)).toBe(0);
  expect(new RunTime(undefined, () => now).partMs(2)).toBe(Infinity);
});

test('without --time there is no limit but the one of shrinking', () => {
  let now = 0;
  const time = new RunTime(undefined, () => now);
  now = 1e9;
  expect(time.search).toEqual({});
  expect([time.isUp(false), time.isUp(true), time.shrinkMs(60_000, 2)]).toEqual([false, false, 60_000]);
});
