import { describe, expect, test } from 'vitest';
import { policies, strategies } from './catalogue.ts';
import { parseStrategy, StrategyError } from './parse.ts';
import { asReported, axes } from './policies.ts';

function failure(name: string): StrategyError {
  try {
    parseStrategy(name);
  } catch (error) {
    if (error instanceof StrategyError) return error;
  }
  throw new Error(`${name} was taken`);
}

test('the first strategy is the system as reported: the first value of every axis', () => {
  expect(parseStrategy(strategies[0]?.name ?? '')).toEqual(asReported);
  for (const { name, values } of policies) expect(asReported).toHaveProperty(name, values[0]?.name);
});

test('every other named strategy is one axis away from it, on a value that exists', () => {
  for (const { name, changes } of strategies.slice(1)) {
    expect(Object.keys(changes), name).toHaveLength(1);
    for (const [axis, value] of Object.entries(changes)) {
      expect(Object.keys(axes[axis as keyof typeof axes].values)).toContain(value);
    }
  }
});

describe('a combination', () => {
  test('has the changes of its parts', () => {
    expect(parseStrategy('delete+safe-read')).toEqual({ journal: 'delete', probe: 'tracked' });
    expect(parseStrategy('safe-read+delete')).toEqual(parseStrategy('delete+safe-read'));
  });

  test('may name a part twice', () => {
    expect(parseStrategy('delete+delete')).toEqual(parseStrategy('delete'));
  });
});

test('an unknown strategy is refused with the known ones', () => {
  for (const name of ['wall', '', 'wal+', 'delete + safe-read']) {
    const { code, remedy } = failure(name);
    expect(code).toBe('NO_SUCH_STRATEGY');
    expect(remedy).toContain('safe-read');
  }
});
