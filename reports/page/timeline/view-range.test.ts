import { describe, expect, test } from 'vitest';
import { clampRange, panRange, revealStep, tickDistance, zoomRange } from './view-range.ts';

const bounds = { from: 1, to: 1001 };

test('zooming keeps the anchor where it is on the screen', () => {
  const before = { from: 101, to: 301 };
  const after = zoomRange(before, 4, 151, bounds);
  expect(after.to - after.from).toBeCloseTo(50);
  expect((151 - after.from) / (after.to - after.from)).toBeCloseTo(0.25);
});

test('neither zooming nor panning leaves the run', () => {
  expect(zoomRange({ from: 900, to: 1001 }, 0.01, 950, bounds)).toEqual(bounds);
  expect(panRange({ from: 1, to: 101 }, -50, bounds)).toEqual({ from: 1, to: 101 });
  expect(panRange({ from: 1, to: 101 }, 5000, bounds)).toEqual({ from: 901, to: 1001 });
});

test('there is a closest look, also at a run shorter than it', () => {
  const close = zoomRange(bounds, 1e9, 500, bounds);
  expect(close.to - close.from).toBe(6);
  expect(clampRange({ from: 0, to: 100 }, { from: 1, to: 3 })).toEqual({ from: 1, to: 3 });
});

describe('revealing a step', () => {
  const range = { from: 401, to: 501 };

  test('moves nothing when it is in view', () => {
    expect(revealStep(range, 450, bounds)).toBe(range);
  });

  test.each([2, 380, 401, 500, 520, 1000])('brings step %i into view at the same zoom', (step) => {
    const seen = revealStep(range, step, bounds);
    expect(seen.from).toBeLessThanOrEqual(step);
    expect(seen.to).toBeGreaterThanOrEqual(step + 1);
    expect(seen.to - seen.from).toBeCloseTo(100);
  });
});

test.each([
  [0.2, 1],
  [1, 1],
  [1.5, 2],
  [3, 5],
  [7, 10],
  [120, 200],
  [5001, 10_000],
])('marks at least %d steps apart stand %d apart', (least, distance) => {
  expect(tickDistance(least)).toBe(distance);
});
