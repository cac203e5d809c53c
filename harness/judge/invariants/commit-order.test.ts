// Commits may be lost from the end on only: broken histories, and those that only look so.
import { describe, expect, test } from 'vitest';
import type { Observation } from '../../model/history.ts';
import { historyOf, soundAutopsy } from '../../testing/history.test-support.ts';
import { commitOrder } from './commit-order.ts';

type Said = readonly [kind: 'committing' | 'committed', lane: string, ...keys: number[]];

function judged(said: readonly Said[], present: readonly number[], gone: readonly number[] = []): readonly string[] {
  const observations: readonly Observation[] = said.map(([kind, lane, ...keys], step) => {
    const taken = kind === 'committing' && gone.length > 0 && keys.length === 0 ? { gone: [...gone] } : {};
    return { step, lane, nowMs: 0, kind, data: { table: 't', keys, ...taken } };
  });
  const autopsy = { ...soundAutopsy, queries: { t: present.map((key) => [key]) } };
  return commitOrder.check(historyOf({ observations, autopsy })).map(({ message }) => message);
}

const oneByOne: readonly Said[] = [
  ['committing', 'p', 1],
  ['committed', 'p', 1],
  ['committing', 'q', 2],
  ['committed', 'q', 2],
  ['committing', 'p', 3],
  ['committed', 'p', 3],
];

test.each([[[]], [[1]], [[1, 2]], [[1, 2, 3]]])('only the last are gone: %j are there', (present) => {
  expect(judged(oneByOne, present)).toEqual([]);
});

describe('one that is gone before one that is there', () => {
  test('of another lane', () => {
    expect(judged(oneByOne, [2])).toEqual([
      't 1, acknowledged to p, is gone, while t 2 of q, committed after it, is there',
    ]);
    expect(judged(oneByOne, [1, 3])).toEqual([
      't 2, acknowledged to q, is gone, while t 3 of p, committed after it, is there',
    ]);
  });

  test('of the same lane, where nobody said that it began', () => {
    const told: readonly Said[] = [
      ['committed', 'p', 1],
      ['committed', 'p', 2],
    ];
    expect(judged(told, [2])).toHaveLength(1);
    expect(judged([told[0]!, ['committed', 'q', 2]], [2])).toEqual([]);
  });
});

test('two at once: nobody knows which came first', () => {
  const atOnce: readonly Said[] = [
    ['committing', 'p', 1],
    ['committing', 'q', 2],
    ['committed', 'p', 1],
    ['committed', 'q', 2],
  ];
  expect(judged(atOnce, [2])).toEqual([]);
  expect(judged(atOnce, [1])).toEqual([]);
});

test('a row that an earlier one had made shows nothing of one that changed it', () => {
  const changed: readonly Said[] = [
    ['committing', 'p', 1],
    ['committed', 'p', 1],
    ['committing', 'p', 2],
    ['committed', 'p', 2],
    ['committing', 'q', 1],
  ];
  expect(judged(changed, [1])).toEqual([]);
});

test('a row that somebody took away is not lost', () => {
  const taken: readonly Said[] = [
    ['committed', 'p', 1],
    ['committing', 'q'],
    ['committing', 'p', 2],
  ];
  expect(judged(taken, [2], [1])).toEqual([]);
  expect(judged(taken, [2])).toHaveLength(1);
});
