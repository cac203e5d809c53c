// Delta debugging finds the entries that matter, whatever they are.
import { fc, test as property } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import { minimise } from './minimise.ts';

const list = (length: number) => Array.from({ length }, (_, i) => i);

property.prop([fc.integer({ min: 0, max: 60 }), fc.array(fc.nat(59), { maxLength: 5 })])(
  'keeps just what is needed',
  async (length, wanted) => {
    const needed = [...new Set(wanted)].filter((i) => i < length).toSorted((a, b) => a - b);
    expect(await minimise(list(length), async (rest) => needed.every((i) => rest.includes(i)))).toEqual(needed);
  },
);

property.prop([fc.integer({ min: 1, max: 40 }), fc.infiniteStream(fc.boolean())])(
  'ends at a list of which no entry can go, whatever the rule',
  async (length, answers) => {
    const rule = new Map<string, boolean>();
    const holds = async (rest: readonly number[]) => {
      const key = rest.join();
      if (!rule.has(key)) rule.set(key, answers.next().value as boolean);
      return rule.get(key) === true;
    };
    const least = await minimise(list(length), holds);
    for (const [i] of least.entries()) expect(await holds(least.toSpliced(i, 1))).toBe(false);
  },
);

test('takes a hundred entries away in far fewer questions than entries when one matters', async () => {
  let asked = 0;
  await minimise(list(100), async (rest) => ++asked > 0 && rest.includes(42));
  expect(asked).toBeLessThan(30);
});
