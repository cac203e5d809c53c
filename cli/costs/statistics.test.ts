// Rates and quantiles of rounds: known figures come out, intervals hold them, narrow with more rounds, and cover the truth.
import { describe, expect, test } from 'vitest';
import { stream } from '../../harness/model/random.ts';
import { type Round, roundFigures } from './statistics.ts';

const quantiles = [0.5, 0.95, 0.99];

function figures(rounds: readonly Round[], seed = 1) {
  return roundFigures(rounds, quantiles, stream('workload', seed, 0));
}

function round(latenciesMs: readonly number[], seconds = 1, commits = latenciesMs.length): Round {
  return { commits, seconds, latenciesMs, failed: 0 };
}

const hundred = Array.from({ length: 100 }, (_, i) => i + 1);

test('the rate is of all rounds together, and quantiles are of all samples, by nearest rank', () => {
  const { samples, commitsPerSecond, quantilesMs } = figures([
    round(hundred.slice(0, 30), 1),
    round(hundred.slice(30), 3, 130),
  ]);
  expect(samples).toBe(100);
  expect(commitsPerSecond.value).toBe(160 / 4);
  expect(quantilesMs.map(({ value }) => value)).toEqual([50, 95, 99]);
});

test('rounds that are alike leave no doubt, and one round says nothing about any', () => {
  for (const rounds of [Array.from({ length: 6 }, () => round(hundred)), [round(hundred)]]) {
    const { commitsPerSecond, quantilesMs } = figures(rounds);
    expect(commitsPerSecond).toEqual({ value: 100, low: 100, high: 100 });
    expect(quantilesMs[0]).toEqual({ value: 50, low: 50, high: 50 });
  }
});

test('nothing that was acknowledged: zeros, no crash', () => {
  const { samples, commitsPerSecond, quantilesMs } = figures([round([]), round([])]);
  expect(samples).toBe(0);
  expect(commitsPerSecond).toEqual({ value: 0, low: 0, high: 0 });
  expect(quantilesMs).toEqual(quantiles.map(() => ({ value: 0, low: 0, high: 0 })));
});

test('a round that went badly is in the doubt, and the same seed has the same', () => {
  const rounds = [...Array.from({ length: 5 }, () => round(hundred)), round(hundred.map((ms) => 10 * ms))];
  const { quantilesMs } = figures(rounds);
  expect(quantilesMs[1]?.high).toBeGreaterThan(500);
  expect(figures(rounds)).toEqual(figures(rounds));
});

describe('an interval', () => {
  /** Rounds with a level of their own, as a machine has better and worse moments. */
  function drawn(count: number, seed: number): readonly Round[] {
    const random = stream('workload', seed, 1);
    return Array.from({ length: count }, () => {
      const level = 90 + 20 * random();
      return round(
        Array.from({ length: 4 }, () => level + 40 * (random() - 0.5)),
        1,
        level,
      );
    });
  }
  const width = ({ low, high }: { low: number; high: number }) => high - low;

  test.each([2, 3, 5, 8, 20])('holds its estimate, with %i rounds', (count) => {
    const { commitsPerSecond, quantilesMs } = figures(drawn(count, count));
    for (const { value, low, high } of [commitsPerSecond, ...quantilesMs]) {
      expect(low).toBeLessThanOrEqual(value);
      expect(high).toBeGreaterThanOrEqual(value);
    }
  });

  test('is narrower with more rounds', () => {
    expect(width(figures(drawn(40, 3)).commitsPerSecond)).toBeLessThan(width(figures(drawn(5, 3)).commitsPerSecond));
  });

  test('covers the true rate in about 95 of 100 cases', () => {
    const covered = hundred.filter((seed) => {
      const { low, high } = figures(drawn(8, seed), seed).commitsPerSecond;
      return low <= 100 && 100 <= high;
    }).length;
    expect(covered).toBeGreaterThanOrEqual(88);
    expect(covered).toBeLessThan(100);
  });
});
