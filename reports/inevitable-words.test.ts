import { expect, test } from 'vitest';
import { inevitableWords } from './inevitable-words.ts';

const point = (step: number, failed: number) => ({ step, runs: 6, failed });

test('from which step on, and what was so before', () => {
  expect(inevitableWords([point(0, 1), point(50, 2), point(60, 6), point(100, 6)])).toBe(
    'It is inevitable from step 60 on: continued at random from there or later, all of 12 runs fail, from step 50 2 of 6; from the beginning 1 of 6 do',
  );
});

test('a failure that no schedule prevents, one that the last steps decide, and too few points', () => {
  expect(inevitableWords([point(0, 6), point(50, 6), point(100, 6)])).toBe(
    'It is inevitable from step 0 on: continued at random from there or later, all of 18 runs fail',
  );
  expect(inevitableWords([point(0, 0), point(50, 1), point(100, 5)])).toMatch(/^It is never inevitable: .*0 of 6 do$/);
  expect(inevitableWords([point(0, 0), point(50, 6)])).toBeUndefined();
});
