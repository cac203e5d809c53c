// The list of configurations: what a person may write, and what comes of it.
import { InvalidArgumentError } from '@commander-js/extra-typings';
import { describe, expect, test } from 'vitest';
import { defaultChoosers, depths, parseChoosers } from './choices.ts';
import { configurationsOf, engineOf } from './configurations.ts';

describe('choosers', () => {
  test('with and without a number', () => {
    expect(parseChoosers('preemptions,preemptions:16,pct:3,replay')).toEqual([
      { name: 'preemptions', choice: { chooser: 'preemptions' } },
      { name: 'preemptions:16', choice: { chooser: 'preemptions', preemptions: 16 } },
      { name: 'pct:3', choice: { chooser: 'pct', depth: 3 } },
      { name: 'replay', choice: { chooser: 'replay' } },
    ]);
  });

  test('the default list is one', () => {
    expect(parseChoosers(defaultChoosers).length).toBeGreaterThan(3);
  });

  test.each(['', 'nobody', 'constructor', 'preemptions:', 'preemptions:0', 'preemptions:1e3', 'pct:-1', 'replay:3'])(
    '"%s" is refused',
    (text) => {
      expect(() => parseChoosers(text)).toThrow(InvalidArgumentError);
    },
  );
});

test('engines are plain or deep, whichever was named', () => {
  expect(engineOf('3.51.2', 'deep')).toBe('3.51.2+shm');
  expect(engineOf('3.51.2+shm', 'plain')).toBe('3.51.2');
  expect(() => engineOf('3.1', 'plain')).toThrow(/There is no engine "3.1"/);
});

test('every combination, those with the same processes one after the other', () => {
  const all = configurationsOf('3.51.2', { depths, jobs: [1, 2], choosers: parseChoosers('preemptions,pct:3') });
  expect(all.map(({ name, engine, depth, jobs }) => `${name} ${engine} ${depth} ${jobs}`)).toEqual([
    'preemptions 3.51.2 plain 1',
    'pct:3 3.51.2 plain 1',
    'preemptions 3.51.2 plain 2',
    'pct:3 3.51.2 plain 2',
    'preemptions 3.51.2+shm deep 1',
    'pct:3 3.51.2+shm deep 1',
    'preemptions 3.51.2+shm deep 2',
    'pct:3 3.51.2+shm deep 2',
  ]);
});
