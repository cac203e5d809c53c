// Which strategies an ablation compares, by what was asked.
import { expect, test } from 'vitest';
import type { CompareOptions } from '../declared/compare.ts';
import { ablationAsked, strategiesOf } from './ablate.ts';

function asked(parts: boolean) {
  const found = ablationAsked({ ablate: 'durable', parts } as CompareOptions);
  if (found === undefined) throw new Error('nothing was asked');
  return found;
}

test('with --parts only what is without one of them, the whole first', () => {
  const strategies = strategiesOf(asked(true)).split(',');
  expect(strategies[0]).toBe('durable');
  expect(strategies).toContain('durable+journal=wal');
  expect(strategies).not.toContain('durable+guard=watchdog');
  expect(asked(true).asked.skipped).toEqual([]);
});

test('else with each other value too', () => {
  const { asked: all } = asked(false);
  const kinds = new Set(all.variants.map(({ kind }) => kind));
  expect([...kinds]).toEqual(['removal', 'addition']);
  expect(strategiesOf(asked(false)).split(',')).toContain('durable+guard=watchdog');
  expect(all.skipped.map(({ part }) => part)).toContain('dispatch=proxy');
});
