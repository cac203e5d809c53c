// What a run does is told from others where all its causes are known, and only there.
import { describe, expect, test } from 'vitest';
import { Footprint } from '../../observe/footprint.ts';
import { CauseBook } from './causes.ts';
import type { Hold, Segment } from './course.ts';

type Given = Partial<Segment> & { readonly reads?: string; readonly changes?: string; readonly opaque?: true };

/** A run by the segments of its lanes, `a` and `b` in turn as given: one step each; who has none left has ended. */
function runOf(
  order: string,
  segments: { readonly [lane: string]: readonly Given[] },
): { segments: Segment[]; blind: false } {
  const lanes = order.split('');
  return {
    blind: false,
    segments: lanes.map((lane, at) => {
      const nth = lanes.slice(0, at).filter((one) => one === lane).length;
      const { reads, changes, opaque, ...more } = segments[lane]?.[nth] ?? {};
      const footprint = new Footprint();
      if (reads !== undefined) footprint.reads(reads);
      if (changes !== undefined) footprint.changes(changes);
      if (opaque === true) footprint.isOpaque();
      const ready = ['a', 'b'].filter((one) => lanes.includes(one, at));
      const last = lanes[at - 1] ?? '';
      const fallback = ready.includes(last) ? last : (ready[0] ?? '');
      const stands = !lanes.includes(lane, at + 1);
      const unheld = { altered: new Set<string>(), holds: new Map<string, Map<string, Hold>>() };
      const plain = { at, lane, fallback, ready, steps: 1, nowMs: 0, waits: false, wakes: false, stands, footprint };
      return { ...plain, ...unheld, ...more };
    }),
  };
}

test('two runs have the same name where only independent segments are in another order: ends are not', () => {
  const book = new CauseBook(1000);
  const all = { a: [{ changes: 'x' }, {}], b: [{ changes: 'y' }, {}] };
  const name = book.enter(runOf('aabb', all));
  expect(book.enter(runOf('abab', all))).toBe(name);
  expect(book.enter(runOf('abba', all))).not.toBe(name);
});

describe('one segment of b between those of a', () => {
  const named = (
    first: Given,
    second: Given,
    horizonMs = 1000,
  ): { readonly foretold: string | undefined; readonly name: string } => {
    const book = new CauseBook(horizonMs);
    const all = { a: [{}, first, {}], b: [second, {}] };
    const name = book.enter(runOf('aabab', all));
    let moment = book.next(book.begin(), 'a');
    for (const lane of ['b', 'a', 'a', 'b']) moment = moment && book.next(moment, lane);
    return { foretold: moment?.name, name };
  };

  test('may come earlier where it touches something else, or both only read', () => {
    for (const [first, second] of [
      [{ changes: 'x' }, { changes: 'y' }],
      [{ reads: 'x' }, { reads: 'x' }],
    ] as const) {
      const { foretold, name } = named(first, second);
      expect(foretold).toBe(name);
    }
  });

  test('may not where one changes what the other touches, where nothing can be told, or where it wakes others', () => {
    for (const [first, second] of [
      [{ changes: 'x' }, { reads: 'x' }],
      [{ reads: 'x' }, { changes: 'x' }],
      [{ changes: 'x' }, { changes: 'x' }],
      [{ opaque: true }, {}],
      [{}, { opaque: true }],
      [{ wakes: true }, { wakes: true }],
    ] as const)
      expect(named(first, second).foretold).toBeUndefined();
  });

  test('may not once lanes are asked to stop', () => {
    expect(named({ changes: 'x' }, { changes: 'y' }, 0).foretold).toBeUndefined();
  });
});

test('who changes what others have only touched meets them: a lock that is shared is not to be had alone', () => {
  const book = new CauseBook(1000);
  const all = { a: [{}, { reads: 'lock' }, {}], b: [{ changes: 'lock' }, {}] };
  book.enter(runOf('aabab', all));
  const first = book.next(book.begin(), 'a');
  const both = first && book.next(first, 'a');
  expect(both && book.next(both, 'b')).toBeDefined();
  expect(first && book.next(first, 'b')).toBeUndefined();
});

test('a run that is otherwise than its causes say is an error', () => {
  const book = new CauseBook(1000);
  book.enter(runOf('ab', { a: [{ changes: 'x' }], b: [{ reads: 'x' }] }));
  for (const b of [{ reads: 'y' }, { reads: 'x', steps: 2 }, { reads: 'x', nowMs: 3 }])
    expect(() => book.enter(runOf('ab', { a: [{ changes: 'x' }], b: [b] }))).toThrow('came out otherwise');
});
