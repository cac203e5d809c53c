// Times to a hit: a search that found nothing counts, and bounds are those of the tables.
import { describe, expect, test } from 'vitest';
import { counted, meanTime, medianTime, secondsPerHit, type TimeToHit, timesFaster } from './statistics.ts';

const hit = (seconds: number): TimeToHit => ({ seconds, hit: true });
const none = (seconds: number): TimeToHit => ({ seconds, hit: false });

describe('median time', () => {
  test('of hits alone it is the middle, or between the two in the middle', () => {
    expect(medianTime([hit(3), hit(1), hit(2)])).toEqual({ seconds: 2 });
    expect(medianTime([hit(4), hit(1), hit(3), hit(2)])).toEqual({ seconds: 2.5 });
    expect(medianTime([hit(7)])).toEqual({ seconds: 7 });
  });

  test('searches that found nothing push it up, and are not left out', () => {
    expect(medianTime([hit(1), hit(2), hit(3), none(10), none(10)])).toEqual({ seconds: 3 });
    expect(medianTime([hit(1), hit(2), none(10), none(10), none(10)])).toEqual({ atLeast: 10 });
    expect(medianTime([none(10), none(10)])).toEqual({ atLeast: 10 });
  });

  test('where just half have hit, it is not below the last of them', () => {
    expect(medianTime([hit(1), hit(2), none(10), none(10)])).toEqual({ atLeast: 2 });
  });

  test('a search that was interrupted early counts until then only', () => {
    // Of five, one left at 1.5; of the three that went on, the hits at 2 and 3 bring the share below a half.
    expect(medianTime([hit(1), none(1.5), hit(2), hit(3), hit(4)])).toEqual({ seconds: 3 });
  });

  test('a hit at the very time limit comes before those that ended at it', () => {
    expect(medianTime([none(10), hit(10), hit(1)])).toEqual({ seconds: 10 });
  });
});

describe('mean time', () => {
  test('is the time spent for a hit, searches without one included', () => {
    expect(meanTime([hit(1), hit(2), none(9)])).toBe(6);
    expect(meanTime([none(9)])).toBeNull();
    expect(counted([hit(1), none(9)])).toEqual({ hits: 1, seconds: 10 });
  });
});

describe('seconds a hit', () => {
  test('has the exact bounds of a Poisson count', () => {
    // Tables of chi-square: 95 % of a count of 2 is 0.2422 to 7.2247, of 10 is 4.7954 to 18.3904.
    const two = secondsPerHit({ hits: 2, seconds: 300 });
    expect(two.value).toBe(150);
    expect(two.low).toBeCloseTo(300 / 7.2247, 2);
    expect(two.high).toBeCloseTo(300 / 0.2422, 0);
    const ten = secondsPerHit({ hits: 10, seconds: 10 });
    expect(ten.low).toBeCloseTo(10 / 18.3904, 4);
    expect(ten.high).toBeCloseTo(10 / 4.7954, 4);
  });

  test('without a hit there is a lower bound: the rule of three', () => {
    const never = secondsPerHit({ hits: 0, seconds: 600 });
    expect(never).toMatchObject({ value: null, high: null });
    expect(never.low).toBeCloseTo(600 / 2.9957, 2);
  });

  test('large counts do not overflow', () => {
    const many = secondsPerHit({ hits: 2000, seconds: 2000 });
    expect(many.low).toBeGreaterThan(0.95);
    expect(many.low).toBeLessThan(1);
    expect(many.high).toBeLessThan(1.05);
  });
});

describe('times faster', () => {
  test('is the ratio of the means, within its bounds', () => {
    const ahead = timesFaster({ hits: 20, seconds: 10 }, { hits: 4, seconds: 600 });
    expect(ahead?.value).toBe(300);
    // Clopper and Pearson, 20 of 24: 0.6262 to 0.9526.
    expect(ahead?.low).toBeCloseTo((0.6262 / 0.3738) * 60, 0);
    expect((ahead?.high ?? 0) / ((0.9526 / 0.0474) * 60)).toBeCloseTo(1, 2);
  });

  test('is a lower bound where the slow one never hit', () => {
    const ahead = timesFaster({ hits: 20, seconds: 10 }, { hits: 0, seconds: 600 });
    expect(ahead).toMatchObject({ value: null, high: null });
    // One-sided, 20 of 20: 0.05^(1/20).
    const share = 0.05 ** (1 / 20);
    expect(ahead?.low).toBeCloseTo((share / (1 - share)) * 60, 3);
  });

  test('says nothing where the fast one never hit, or there was no stress', () => {
    expect(timesFaster({ hits: 0, seconds: 10 }, { hits: 4, seconds: 600 })).toBeNull();
    expect(timesFaster({ hits: 3, seconds: 10 }, { hits: 0, seconds: 0 })).toBeNull();
  });
});
