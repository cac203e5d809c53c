// Which steps of a long run are shown.
import { fc, test as property } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import { windowOf } from './window.ts';

test('a short run is shown whole', () => {
  expect(windowOf(10, 10, [{ step: 3, weight: 1 }])).toEqual({ from: 0, to: 9 });
  expect(windowOf(0, 10, [])).toEqual({ from: 0, to: 0 });
});

test('a long one round what weighs most, which stands in the middle', () => {
  const light = [10, 11, 12].map((step) => ({ step, weight: 1 }));
  const heavy = [500, 520].map((step) => ({ step, weight: 2 }));
  expect(windowOf(1000, 100, [...heavy, ...light])).toEqual({ from: 461, to: 560 });
  expect(windowOf(1000, 10, [...heavy, ...light])).toEqual({ from: 7, to: 16 });
});

test('a long one in which nothing matters: its end', () => {
  expect(windowOf(1000, 100, [])).toEqual({ from: 900, to: 999 });
});

const anchors = fc.array(fc.record({ step: fc.nat(299), weight: fc.integer({ min: 1, max: 9 }) }));

property.prop([fc.integer({ min: 1, max: 400 }), anchors])('no window of that length holds more', (stepsMax, all) => {
  const total = 300;
  const weightIn = (from: number, to: number) =>
    all.reduce((sum, { step, weight }) => (step >= from && step <= to ? sum + weight : sum), 0);
  const { from, to } = windowOf(total, stepsMax, all);
  const length = Math.min(stepsMax, total);
  expect(to - from + 1).toBe(length);
  expect(from).toBeGreaterThanOrEqual(0);
  expect(to).toBeLessThan(total);
  const most = Math.max(...Array.from({ length: total - length + 1 }, (_, at) => weightIn(at, at + length - 1)));
  expect(weightIn(from, to)).toBe(most);
});
