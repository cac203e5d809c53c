// Every value of an axis that the board itself applies, beside its neighbours, on real files. What stays out: connections
// and dispatch (programs/board/sessions.test.ts), corruption (programs/board/damage.test.ts), and the axes that roles apply,
// which are data.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Fault } from '../../harness/model/fault.ts';
import type { Coordinator } from '../../harness/run/coordinator.ts';
import type { SqliteParameters } from '../../harness/model/plan.ts';
import { type Connection, SqlError } from '../../harness/lane/world.ts';
import type { Json } from '../../harness/model/values.ts';
import {
  coordinatorOf,
  observed,
  planOf,
  process as start,
  scenarioOf,
  StepKeeper,
} from '../../harness/testing/lab.test-support.ts';
import { file, onFreshBoard, settingsFor } from '../testing/board-scenario.test-support.ts';
import type { PolicyAxis } from './axis.ts';
import { addedValues, asReported, type Axis, axes, behaviourOf, policies } from './catalogue.ts';

const module = new URL('../testing/board-programs.test-support.ts', import.meta.url).href;

let coordinator: Coordinator;
beforeAll(async () => {
  coordinator = await coordinatorOf();
});
afterAll(() => coordinator.close());

/** Runs one program `p` on a fresh board, beside others; result: the history and the steps. */
async function run(
  program: string,
  strategy: string,
  {
    faults = [],
    beside = [],
    sqlite = {},
  }: {
    readonly faults?: readonly Fault[];
    readonly beside?: readonly string[];
    readonly sqlite?: SqliteParameters;
  } = {},
) {
  const keeper = new StepKeeper();
  const args = settingsFor(strategy) as unknown as Json;
  const holders = beside.map((lockFile, i) => start(`holder-${i + 1}`, 'lockHolder', lockFile));
  const scenario = onFreshBoard(scenarioOf([...holders, start('p', program, args)]), module, strategy);
  const parameters = { gateways: 1, horizonMs: 10_000_000, stepsMax: 200_000, sqlite };
  const history = await coordinator.run(scenario, planOf({ parameters, faults }), undefined, [keeper]);
  for (const { ending } of history.endings) expect(ending).toEqual({ how: 'returned' });
  const steps = keeper.steps.filter(({ lane }) => lane === 'p');
  const at = (op: string, name = file) => steps.flatMap((step, i) => (step.op === op && step.file === name ? [i] : []));
  return { history, steps, at };
}

/** Strikes the connect of the first process: the guard connection maps the wal-index twice, it recovers it. */
const walFails: Fault = {
  kind: 'io-error',
  at: { lane: 'p', op: 'shmMap', nth: 3 },
  code: 'SQLITE_IOERR_SHMMAP',
};

test('the system as reported is the first value of every axis', () => {
  for (const { name, values } of policies) expect(asReported).toHaveProperty(name, values[0]?.name);
  expect(policies.map(({ name }) => name)).toEqual(Object.keys(axes));
});

test('each value of an axis does something else than its neighbours', () => {
  for (const [axis, { values }] of Object.entries(axes as { readonly [axis: string]: PolicyAxis })) {
    const all = Object.values(values);
    for (const told of [all.map(({ says }) => says), all.map((value) => describeOf({ ...value, says: '' }))]) {
      expect(new Set(told).size, axis).toBe(all.length);
    }
  }
});

test('a value that was added is known by its name on its axis, and nothing lists it', () => {
  const told = { ...asReported, journal: 'in-memory' } as unknown as typeof asReported;
  expect(() => behaviourOf(told, 'journal')).toThrow('This process knows no value in-memory of the axis journal.');
  const inMemory = { ...axes.journal.values.persist, says: 'a journal in memory' };
  addedValues.set('in-memory', { journal: inMemory });
  try {
    expect(behaviourOf(told, 'journal')).toBe(inMemory);
    expect(() => behaviourOf({ ...told, lock: told.journal } as unknown as typeof told, 'lock')).toThrow('axis lock');
    expect(JSON.stringify(policies)).not.toContain('in-memory');
  } finally {
    addedValues.delete('in-memory');
  }
});

/** Data as JSON; functions by their text. */
function describeOf(does: object): string {
  return JSON.stringify(does, (_key, value: unknown) =>
    typeof value === 'function' ? String(value) : (value ?? 'undefined'),
  );
}

describe('journal', () => {
  test.each([
    ['wal', 'wal'],
    ['delete', 'delete'],
    ['truncate', 'truncate'],
    ['persist', 'persist'],
  ])('%s sets %s', async (strategy, mode) => {
    expect(observed((await run('pragmas', strategy)).history, 'journal_mode')).toEqual([mode]);
  });
});

describe('synchronous and autocheckpoint', () => {
  test.each([
    ['wal', 1, 1000],
    ['full-sync', 2, 100],
    ['extra-sync', 3, 1000],
    ['no-sync', 0, 1000],
  ])('%s sets synchronous %i and a checkpoint every %i pages', async (strategy, synchronous, pages) => {
    const { history } = await run('pragmas', strategy);
    expect(observed(history, 'synchronous')).toEqual([synchronous]);
    expect(observed(history, 'wal_autocheckpoint')).toEqual([pages]);
  });

  test.each([
    ['wal', 'as the plan says, since the system sets nothing', 16],
    ['full-sync', 'as the strategy says', 100],
  ])('where a plan sets a checkpoint every 16 pages, %s has one %s', async (strategy, _, pages) => {
    const { history } = await run('pragmas', strategy, { sqlite: { autocheckpointPages: 16 } });
    expect(observed(history, 'wal_autocheckpoint')).toEqual([pages]);
  });
});

describe('reissue', () => {
  const saying = (mode: string) => ({ get: () => ({ journal_mode: mode }) }) as unknown as Connection;

  test('every-connect sets the mode, whatever it is', () => {
    expect(axes.reissue.values['every-connect'].mustSet(saying('wal'), 'WAL')).toBe(true);
  });

  test('when-different sets it only where it is another one', async () => {
    const whenDifferent = axes.reissue.values['when-different'];
    expect(['wal', 'delete'].map((mode) => whenDifferent.mustSet(saying(mode), 'WAL'))).toEqual([false, true]);
    expect(observed((await run('modeOfOthers', 'no-reissue')).history, 'mode')).toEqual(['wal']);
  });

  test('so only every-connect downgrades a WAL database upon an I/O error', async () => {
    expect(observed((await run('modes', 'wal', { faults: [walFails] })).history, 'mode')).toEqual(['delete', 'wal']);
    expect(observed((await run('modes', 'no-reissue', { faults: [walFails] })).history, 'mode')).toEqual(['wal']);
  });
});

describe('downgrade', () => {
  test('on-io-error goes on with DELETE, and sets WAL again on the next connect', async () => {
    const { history } = await run('modes', 'wal', { faults: [walFails] });
    expect(observed(history, 'connect')).toEqual(['ok', 'ok']);
    expect(observed(history, 'mode')).toEqual(['delete', 'wal']);
  });

  test('never lets the error go up', async () => {
    const { history } = await run('modes', 'no-downgrade', { faults: [walFails] });
    const failure = { code: 'SQLITE_IOERR_SHMMAP', statement: 'apply_wal_with_fallback' };
    expect(observed(history, 'connect')).toEqual([failure, 'ok']);
    expect(observed(history, 'mode')).toEqual(['wal']);
  });

  test('knows the errors of v0.14, and no others', () => {
    const codes = ['SQLITE_PROTOCOL', 'SQLITE_AUTH', 'SQLITE_IOERR_SHMOPEN', 'SQLITE_BUSY', 'SQLITE_CORRUPT'];
    const modes = codes.map((code) => axes.downgrade.values['on-io-error'].modeAfter(new SqlError(code, '')));
    expect(modes).toEqual(['DELETE', 'DELETE', 'DELETE', undefined, undefined]);
  });
});

describe('probe', () => {
  test('every-connect reads the header, also beside an open connection', async () => {
    const { at, history } = await run('overlapping', 'wal');
    expect(at('fileRead').length).toBe(3);
    expect(history.marks['locks-cancelled']).toBeGreaterThan(0);
  });

  test('tracked reads it only while nothing is open', async () => {
    const { at, history } = await run('overlapping', 'safe-read');
    const opens = at('open');
    expect(at('fileRead').map((read) => opens.filter((open) => open < read).length)).toEqual([0, 3]);
    expect(history.marks['locks-cancelled']).toBe(0);
  });

  test('tracked does not forget a connection whose close never happens', async () => {
    const leak: Fault = { kind: 'leaked-connection', at: { lane: 'p', op: 'disconnect', nth: 1 } };
    const { at, history } = await run('overlapping', 'safe-read', { faults: [leak] });
    expect(history.strikes).toHaveLength(1);
    expect(at('fileRead')).toHaveLength(1);
    expect(history.marks['locks-cancelled']).toBe(0);
  });

  test('tracked reads it again after a connect that failed', async () => {
    const { at } = await run('failing', 'safe-read+no-downgrade', { faults: [walFails] });
    expect(at('fileRead').length).toBe(2);
  });

  test('post-commit reads on no connect, and after each commit', async () => {
    expect((await run('overlapping', 'post-commit')).at('fileRead')).toEqual([]);
    const { at, history } = await run('transactions', 'post-commit');
    expect(at('fileRead').length).toBe(1);
    expect(history.marks['locks-cancelled']).toBeGreaterThan(0);
    expect(observed(history, 'committed').length).toBe(1);
  });

  test('post-commit finds a file that is shorter than its header says; the commit stays', async () => {
    const torn = { code: 'TORN_EXTEND', statement: '_check_file_length_invariant' };
    const { history } = await run('tornExtend', 'post-commit');
    expect([observed(history, 'whole'), observed(history, 'torn')]).toEqual([['ok'], [torn]]);
    expect(observed(history, 'tasks')).toEqual([2]);
    expect(observed(history, 'committed').length).toBe(1);
    expect(observed((await run('tornExtend', 'wal')).history, 'torn')).toEqual(['ok']);
  });
});

describe('lock', () => {
  const writeLock = `${file}.write.lock`;
  const sessionLock = `${file}.session.lock`;

  test('none takes no flock', async () => {
    const { steps } = await run('transactions', 'wal');
    expect(steps.filter(({ op }) => op === 'flock')).toEqual([]);
  });

  test('flock-write is held round each transaction, the failing one too', async () => {
    const { steps, at } = await run('transactions', 'flock-write');
    expect([at('flock', writeLock).length, at('funlock', writeLock).length]).toEqual([2, 2]);
    const [taken = 0] = at('flock', writeLock);
    const [given = 0] = at('funlock', writeLock);
    const writes = steps.flatMap(({ op, role }, i) => (op === 'write' && role === 'wal' ? [i] : []));
    expect(writes.some((write) => taken < write && write < given)).toBe(true);
    expect(at('open').every((open) => open < taken)).toBe(true);
  });

  test('flock-session is held from before open until after close', async () => {
    const { steps, at } = await run('lockedOut', 'flock-session');
    const [taken] = at('flock', sessionLock);
    const [given] = at('funlock', sessionLock);
    const touched = steps.flatMap(({ file: name = '' }, i) => (/^kanban\.db(-wal|-shm)?$/.test(name) ? [i] : []));
    expect(taken).toBeLessThan(Math.min(...touched));
    expect(given).toBeGreaterThan(Math.max(...touched));
  });

  test.each([
    ['flock-write', writeLock, 'create_task'],
    ['flock-session', sessionLock, 'sqlite3.connect'],
  ])('%s gives up after 30 s', async (strategy, lockFile, statement) => {
    const { history } = await run('lockedOut', strategy, { beside: [lockFile] });
    expect(observed(history, 'created')).toEqual([{ code: 'LOCK_TIMEOUT', statement }]);
    expect(observed(history, 'after s')).toEqual([30]);
  });

  test('each is deaf to the other’s lock file', async () => {
    const { history } = await run('lockedOut', 'flock-write', { beside: [sessionLock] });
    expect(observed(history, 'created')).toEqual(['ok']);
  });
});

describe('initLock', () => {
  const lockFile = `${file}.init.lock`;

  test.each([
    ['wal', 0, 0],
    ['blocking-init', 59, 0],
    ['full-sync', 10, 1],
  ])(
    'under %s a connect is done after %i s, and goes on without the lock %i times',
    async (strategy, after, skipped) => {
      const { history } = await run('lockedOut', strategy, { beside: [lockFile] });
      expect(observed(history, 'created')).toEqual(['ok']);
      expect(observed(history, 'after s')).toEqual([after]);
      expect(observed(history, 'init-lock-skipped').length).toBe(skipped);
    },
  );

  test.each([
    ['full-sync', 'guard, open and init of the first connect only', [true, true, false]],
    ['blocking-init', 'every connect', [true, true, true]],
  ] as const)('%s holds it round %s', async (strategy, _what, held) => {
    const { at } = await run('pragmas', strategy);
    const given = at('funlock', lockFile);
    const spans = at('flock', lockFile).map((taken, i) => [taken, given[i] ?? 0] as const);
    expect(at('open').map((open) => spans.some(([taken, end]) => taken < open && open < end))).toEqual(held);
  });
});

describe('axes that roles apply', () => {
  const chosen = <A extends Axis>(axis: A, strategy: string) => behaviourOf(settingsFor(strategy).policies, axis);

  test('leaderScope names the lock file', () => {
    expect(chosen('leaderScope', 'leader').lockFile(file)).toBe('kanban.db.dispatch.lock');
    expect(chosen('leaderScope', 'leader-root').lockFile(file)).toBe('.dispatcher.lock');
  });

  test('participation lets only dispatchers open the database', () => {
    expect([true, false].map((dispatches) => chosen('participation', 'wal').opens(dispatches))).toEqual([true, true]);
    const participants = chosen('participation', 'participants');
    expect([true, false].map((dispatches) => participants.opens(dispatches))).toEqual([true, false]);
  });

  test('guard, leaderFailure and health', () => {
    const guards = ['wal', 'guard', 'adopt', 'adopt-refuse', 'watchdog'].map((strategy) => {
      const { refusesWhenSupervised, adopts, watches } = chosen('guard', strategy);
      return [refusesWhenSupervised, adopts, watches];
    });
    expect(guards).toEqual([
      [false, 'no', false],
      [true, 'no', false],
      [false, 'kill', false],
      [false, 'refuse', false],
      [false, 'no', true],
    ]);
    expect(chosen('leaderFailure', 'leader').onUnopenable).toBe('skip');
    expect(chosen('leaderFailure', 'leader-open').onUnopenable).toBe('proceed');
    expect([chosen('health', 'wal').everyMs, chosen('health', 'health-check').everyMs]).toEqual([
      undefined,
      21_600_000,
    ]);
  });
});
