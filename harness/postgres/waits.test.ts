// Circles of those who wait for each other.
import { expect, test } from 'vitest';
import { inCircle } from './waits.ts';

const circle = (from: number, ...waits: readonly (readonly [number, readonly number[]])[]) =>
  inCircle(from, new Map(waits)).toSorted((a, b) => a - b);

test.each<[string, readonly number[], readonly number[]]>([
  ['two wait for each other', circle(1, [1, [2]], [2, [1]]), [1, 2]],
  ['three in a row wait for the first', circle(1, [1, [2]], [2, [3]], [3, [1]]), [1, 2, 3]],
  ['who waits for a circle is not in it', circle(4, [1, [2]], [2, [1]], [4, [1]]), []],
  ['who waits for one in it is not among them', circle(1, [1, [2]], [2, [1]], [4, [1]]), [1, 2]],
  ['of two that it waits for one waits for it', circle(1, [1, [2, 3]], [2, [1]], [3, []]), [1, 2]],
  ['a row of waits is none', circle(1, [1, [2]], [2, [3]]), []],
])('%s', (_, found, expected) => expect(found).toEqual(expected));
