import { expect, test } from 'vitest';
import { inevitableWords } from './inevitable-words.ts';

const point = (step: number, failed: number) => ({ step, runs: 6, failed });
const end = { step: 120, runs: 1, failed: 1 };

test('from which step on, how sure that is, and what was so before; the run itself does not count', () => {
  expect(inevitableWords([point(0, 1), point(50, 2), point(60, 6), point(100, 6), end])).toBe(
    'From step 60 on it is decided: continued at random from there or later, all of 12 runs fail (≤ 23 % pass), from step 50 2 of 6; from the beginning 1 of 6 do',
  );
});

test('a failure that no schedule prevents, one that the last steps decide, and too few points', () => {
  expect(inevitableWords([point(0, 6), point(50, 6), point(100, 6), end])).toBe(
    'From step 0 on it is decided: continued at random from there or later, all of 18 runs fail (≤ 16 % pass)',
  );
  expect(inevitableWords([point(0, 0), point(50, 1), point(100, 5), end])).toMatch(
    /^Nothing before its last steps .*0 of 6 do$/,
  );
  expect(inevitableWords([point(0, 0), end])).toBeUndefined();
});
