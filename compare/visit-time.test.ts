// A visit keeps to its share and to the end of the whole, by a clock that the test turns.
import { expect, test } from 'vitest';
import { VisitTime } from './visit-time.ts';

function clock(): { now: () => number; pass: (ms: number) => void } {
  let ms = 7000;
  return { now: () => ms, pass: (more) => void (ms += more) };
}

test('shipped plans have a part of the share, random runs the rest, and what has begun may go on', () => {
  const { now, pass } = clock();
  const time = new VisitTime({ timeMs: 10_000, wholeMs: 100_000, shrinkMs: 5000 }, now);
  expect(time.replaysMore).toBe(true);
  expect(time.runsUntil).toBe(7000 + 60_000);
  pass(3000);
  expect(time.replaysMore).toBe(false);
  expect(time.search).toEqual({ timeMs: 7000, overrunMs: 50_000 });
  pass(57_000);
  expect(time.search).toEqual({ timeMs: 1, overrunMs: 0 });
});

test('nothing that has begun goes on past the end of the whole', () => {
  const { now, pass } = clock();
  const time = new VisitTime({ timeMs: 10_000, wholeMs: 12_000, shrinkMs: 5000 }, now);
  expect(time.runsUntil).toBe(7000 + 12_000);
  pass(4000);
  expect(time.search).toEqual({ timeMs: 6000, overrunMs: 2000 });
  expect(time.runsUntil).toBe(7000 + 12_000);
});

test('making a failure small leaves time of the whole for the last run, which has five seconds in any case', () => {
  const { now, pass } = clock();
  const time = new VisitTime({ timeMs: 10_000, wholeMs: 60_000, shrinkMs: 30_000 }, now);
  expect(time.shrinkMs).toBe(30_000);
  pass(39_000);
  expect(time.shrinkMs).toBe(15_000);
  expect(time.showUntil - now()).toBe(21_000);
  pass(20_000);
  expect(time.shrinkMs).toBeUndefined();
  expect(time.showUntil - now()).toBe(5000);
});

test('without a time there is no end but of making a failure small, and of its last run', () => {
  const { now, pass } = clock();
  const time = new VisitTime({ timeMs: null, wholeMs: null, shrinkMs: 30_000 }, now);
  pass(1e9);
  expect(time.replaysMore).toBe(true);
  expect(time.runsUntil).toBe(Infinity);
  expect(time.search).toEqual({ overrunMs: Infinity });
  expect(time.shrinkMs).toBe(30_000);
  expect(time.showUntil - now()).toBe(120_000);
});
