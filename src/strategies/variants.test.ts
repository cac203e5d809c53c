// What is one step away from a strategy: every part goes once, every other value comes once, and what makes no sense is said.
import { describe, expect, test } from 'vitest';
import { asReported, axes } from '../policies/catalogue.ts';
import { strategies } from './catalogue.ts';
import { parseStrategy } from './parse.ts';
import { changesOf, variantsOf } from './variants.ts';

const all = (name: string) => {
  const { variants, skipped } = variantsOf(name);
  return [...variants, ...skipped];
};

describe.each(strategies.map(({ name }) => name))('the variants of %s', (name) => {
  const own = parseStrategy(name);

  test('take away each choice once, and put in every value that is neither its own nor as reported once', () => {
    const removed = all(name).filter(({ kind, changes }) => kind === 'removal' && changes.length === 1);
    // In no order: those that are refused stand last.
    expect(new Set(removed.map(({ changes: [change] }) => change?.axis))).toEqual(
      new Set(changesOf(own).map(({ axis }) => axis)),
    );
    const others = Object.entries(axes).flatMap(([axis, { values }]) =>
      Object.keys(values)
        .filter((value) => value !== own[axis as keyof typeof own] && value !== asReported[axis as keyof typeof own])
        .map((value) => `${axis}=${value}`),
    );
    const added = all(name).filter(({ kind }) => kind === 'addition');
    expect(added.map(({ part }) => part).toSorted()).toEqual(others.toSorted());
  });

  test('are strategies that differ in what they say and in nothing else', () => {
    for (const { strategy, changes } of variantsOf(name).variants) {
      const wanted = Object.fromEntries(changes.map(({ axis, to }) => [axis, to]));
      expect(parseStrategy(strategy), strategy).toEqual({ ...own, ...wanted });
      for (const { axis, from, says } of changes) {
        expect(own[axis as keyof typeof own]).toBe(from);
        expect(says).not.toBe('');
      }
    }
  });
});

test('a part is called what brought it; one of several axes goes as a whole too', () => {
  const removed = variantsOf('best').variants.filter(({ kind }) => kind === 'removal');
  expect(removed.map(({ part }) => part)).toContain('safe-read');
  expect(removed.find(({ part }) => part === 'safe-read')?.strategy).toBe('best+probe=every-connect');
  const sync = variantsOf('full-sync+safe-read').variants.filter(({ kind }) => kind === 'removal');
  expect(sync.map(({ part }) => part)).toEqual([
    'synchronous=full',
    'autocheckpoint=pages-100',
    'safe-read',
    'initLock=bounded',
    'full-sync',
  ]);
  expect(parseStrategy(sync.at(-1)?.strategy ?? '')).toEqual(parseStrategy('safe-read'));
});

test('what contradicts itself is skipped, with the reason', () => {
  const { skipped, variants } = variantsOf('flock-session');
  const because = skipped.find(({ part }) => part === 'connections=sentinel')?.because;
  expect(because).toContain('never gives its lock back');
  expect(variants.map(({ part }) => part)).not.toContain('connections=sentinel');
});

test('a strategy that is written by its choices has the same variants', () => {
  const { variants } = variantsOf('wal+probe=tracked');
  expect(variants[0]).toMatchObject({ strategy: 'wal+probe=every-connect', part: 'probe=tracked', kind: 'removal' });
  expect(variants.map(({ strategy }) => strategy)).toContain('wal+probe=post-commit');
});
