import { describe, expect, test } from 'vitest';
import { asReported, axes, type Policies } from '../policies/catalogue.ts';
import { strategies } from './catalogue.ts';
import { conflicts } from './conflicts.ts';
import { parseStrategy, StrategyError } from './parse.ts';

function failure(name: string): StrategyError {
  try {
    parseStrategy(name);
  } catch (error) {
    if (error instanceof StrategyError) return error;
  }
  throw new Error(`${name} was taken`);
}

/** The axes on which a strategy differs from the system as reported. */
function changes(name: string): Partial<Policies> {
  const entries = Object.entries(parseStrategy(name)).filter(
    ([axis, value]) => asReported[axis as keyof Policies] !== value,
  );
  return Object.fromEntries(entries);
}

test('the first strategy is the system as reported', () => {
  expect(parseStrategy(strategies[0]?.name ?? '')).toEqual(asReported);
});

test('every named strategy is itself, differs from the one as reported, and is on values that exist', () => {
  const seen = new Map<string, string>();
  for (const { name } of strategies.slice(1).filter(({ sameAs }) => sameAs === undefined)) {
    const changed = changes(name);
    expect(Object.keys(changed).length, name).toBeGreaterThan(0);
    for (const [axis, value] of Object.entries(changed)) {
      expect(Object.keys(axes[axis as keyof typeof axes].values)).toContain(value);
    }
    const key = JSON.stringify(changed);
    expect(seen.get(key), name).toBeUndefined();
    seen.set(key, name);
  }
});

test('every value of every axis but the first has a strategy', () => {
  const reached = strategies.flatMap(({ name }) =>
    Object.entries(changes(name)).map(([axis, value]) => `${axis}=${value}`),
  );
  const all = Object.entries(axes).flatMap(([axis, { values }]) =>
    Object.keys(values)
      .slice(1)
      .map((value) => `${axis}=${value}`),
  );
  expect(all.filter((value) => !reached.includes(value))).toEqual([]);
});

test('each is one axis away, but for those that are one fix of several parts', () => {
  const several = strategies.filter(({ name }) => Object.keys(changes(name)).length > 1).map(({ name }) => name);
  expect(several).toEqual([
    'leader-open',
    'leader-root',
    'postgres-serializable',
    'postgres-notify',
    'leader-memory',
    'full-sync',
    'lean',
    'upstream',
    'durable',
    'best',
  ]);
  expect(changes('leader-open')).toEqual({ dispatch: 'leader', leaderFailure: 'open' });
  expect(changes('leader-memory')).toEqual({ dispatch: 'leader', recreation: 'leader' });
  expect(changes('leader-root')).toEqual({ dispatch: 'leader', leaderScope: 'root' });
  expect(changes('full-sync')).toEqual({ synchronous: 'full', autocheckpoint: 'pages-100', initLock: 'bounded' });
});

describe('a combination', () => {
  test('has the changes of its parts', () => {
    expect(changes('delete+safe-read')).toEqual({ journal: 'delete', probe: 'tracked' });
    expect(parseStrategy('safe-read+delete')).toEqual(parseStrategy('delete+safe-read'));
    expect(parseStrategy('wal+delete')).toEqual(parseStrategy('delete'));
  });

  test('may name a part twice', () => {
    expect(parseStrategy('delete+delete')).toEqual(parseStrategy('delete'));
  });

  test.each([
    ['delete+truncate', 'delete sets journal to delete, truncate to truncate'],
    ['leader+proxy', 'leader sets dispatch to leader, proxy to proxy'],
    ['full-sync+blocking-init', 'full-sync sets initLock to bounded, blocking-init to blocking'],
    ['safe-read+leader+post-commit', 'safe-read sets probe to tracked, post-commit to post-commit'],
    ['lean+adopt', 'guard in lean sets guard to refuse, adopt to adopt-kill'],
  ])('%s contradicts itself', (name, says) => {
    const { code, message, remedy } = failure(name);
    expect(code).toBe('STRATEGY_CONTRADICTION');
    expect(message).toContain(says);
    expect(remedy).toContain('Leave out one of the two');
  });

  test.each([
    ['flock-session+sentinel', 'never gives its lock back'],
    ['shared+safe-read+flock-session', 'never gives its lock back'],
    ['reopen+flock-session', 'never gives its lock back'],
    ['proxy+sentinel', 'there is none to pin'],
    ['shared+proxy', 'none to share'],
  ])('%s makes no sense, and the reason is given', (name, reason) => {
    const { code, message, remedy } = failure(name);
    expect(code).toBe('STRATEGY_CONTRADICTION');
    expect(message).toContain('do not go together');
    expect(remedy).toContain(reason);
  });

  test('a memory of the leader is refused where nobody is elected one, or leads more than the board', () => {
    for (const [name, part] of [
      ['recreation=leader', 'dispatch=every-gateway'],
      ['recreation=leader+proxy', 'proxy'],
      ['leader-memory+leaderScope=root', 'leaderScope=root'],
    ] as const) {
      const { code, message } = failure(name);
      expect({ code, message }).toEqual({
        code: 'STRATEGY_CONTRADICTION',
        message: expect.stringContaining(part) as string,
      });
    }
    expect(parseStrategy('leader-memory')).toMatchObject({ dispatch: 'leader', recreation: 'leader' });
  });

  test('every conflict is on values that exist', () => {
    for (const [axis, value] of conflicts.flatMap(({ choices }) => choices)) {
      expect(Object.keys(axes[axis].values)).toContain(value);
    }
  });
});

test('what only a server does is refused on files, and with a proxy what needs a connection', () => {
  expect(failure('notify=listen').remedy).toContain('there is no NOTIFY to wait for');
  expect(failure('postgres-notify+store=sqlite').remedy).toContain('there is no NOTIFY to wait for');
  expect(failure('isolation=serializable-retry').remedy).toContain('no levels of isolation');
  expect(failure('postgres-notify+proxy').remedy).toContain('no connection');
  expect(parseStrategy('postgres+notify=listen')).toEqual(parseStrategy('postgres-notify'));
});

describe('a strategy that is a combination', () => {
  test('is that of the parts that it names', () => {
    for (const { name, says, parts } of strategies) {
      if (parts === undefined) continue;
      expect(parseStrategy(name), name).toEqual(parseStrategy(parts.join('+')));
      for (const part of parts) expect(says).toContain(part);
    }
  });

  test('goes together with what it leaves open, and with its own parts', () => {
    expect(changes('lean+delete')).toEqual({ ...changes('lean'), journal: 'delete' });
    expect(changes('lean+leader')).toEqual(changes('lean'));
    expect(changes('leader-open+best')).toEqual({ ...changes('best'), leaderFailure: 'open' });
  });

  test('may be a second name of another', () => {
    for (const { name, sameAs } of strategies)
      if (sameAs !== undefined) expect(parseStrategy(name), name).toEqual(parseStrategy(sameAs));
    expect(parseStrategy('best')).toEqual(parseStrategy('durable'));
  });
});

describe('a choice by itself', () => {
  test('takes the place of what names choose on its axis, wherever it stands', () => {
    expect(changes('wal+guard=watchdog')).toEqual({ guard: 'watchdog' });
    const { guard: _guard, ...rest } = changes('best');
    expect(changes('best+guard=none')).toEqual(rest);
    expect(changes('guard=none+best')).toEqual(rest);
    expect(changes('probe=tracked')).toEqual(changes('safe-read'));
  });

  test.each([
    ['best+guard=none+guard=refuse', 'guard=none sets guard to none, guard=refuse to refuse', 'Leave out one'],
    ['lock=flock-session+sentinel', 'lock=flock-session and sentinel do not go together', 'never gives its lock back'],
    ['leader+proxy+dispatch=leader', 'leader sets dispatch to leader, proxy to proxy', 'Leave out one'],
    ['wal+gard=none', 'There is no axis "gard"', 'guard'],
    ['wal+constructor=none', 'There is no axis "constructor"', 'guard'],
    ['wal+guard=nine', 'The axis guard has no value "nine"', 'watchdog'],
  ])('%s is refused', (name, says, remedy) => {
    const error = failure(name);
    expect(error.message).toContain(says);
    expect(error.remedy).toContain(remedy);
  });
});

test('an unknown strategy is refused with the known ones', () => {
  for (const name of ['wall', '', 'wal+', 'delete + safe-read', 'guard in best']) {
    const { code, remedy } = failure(name);
    expect(code).toBe('NO_SUCH_STRATEGY');
    expect(remedy).toContain('safe-read');
  }
});

test('what is said of a file goes with no server, and the refusal says so', () => {
  for (const part of ['delete', 'safe-read', 'durable', 'ofd-guard', 'generation=sticky', 'recovery=journal'])
    expect(() => parseStrategy(`postgres+${part}`), part).toThrow(/postgres and .* do not go together/);
  const refused = (): unknown => parseStrategy('delete+postgres-serializable');
  expect(refused).toThrow(
    expect.objectContaining({ remedy: expect.stringContaining('the board has no file') as string }),
  );
  for (const part of ['leader', 'watchdog', 'shared', 'journal=wal', 'guard=refuse'])
    expect(parseStrategy(`postgres+${part}`).store, part).toBe('postgres');
});
