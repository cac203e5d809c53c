// What upstream has shipped since the reports: each value beside its neighbours, on real files. What stays out: whether it helps in an
// incident (scenarios/).
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Fault } from '../../harness/model/fault.ts';
import type { Json } from '../../harness/model/values.ts';
import type { Coordinator } from '../../harness/run/coordinator.ts';
import { SqlError, type Connection } from '../../harness/lane/world.ts';
import {
  coordinatorOf,
  observed,
  planOf,
  process as start,
  scenarioOf,
  StepKeeper,
} from '../../harness/testing/lab.test-support.ts';
import { onFreshBoard, settingsFor } from '../testing/board-scenario.test-support.ts';
import { axes } from './catalogue.ts';
import { hasWalReset } from './journal/version-gate.ts';

const module = new URL('../testing/upstream-programs.test-support.ts', import.meta.url).href;

let coordinator: Coordinator;
beforeAll(async () => {
  coordinator = await coordinatorOf();
});
afterAll(() => coordinator.close());

async function run(program: string, strategy: string, faults: readonly Fault[] = [], on: Coordinator = coordinator) {
  const keeper = new StepKeeper();
  const scenario = onFreshBoard(
    scenarioOf([start('p', program, settingsFor(strategy) as unknown as Json)]),
    module,
    strategy,
  );
  const history = await on.run(scenario, planOf({ faults }), undefined, [keeper]);
  for (const { ending } of history.endings) expect(ending).toEqual({ how: 'returned' });
  return { history, steps: keeper.steps.filter(({ lane }) => lane === 'p') };
}

describe('ofdGuard', () => {
  /** How many OFD locks each look finds on the database and on its -shm. */
  async function locksUnder(strategy: string, faults: readonly Fault[] = []) {
    const { history } = await run('guarded', strategy, faults);
    const counts = history.looks
      .filter(({ label }) => label !== 'end')
      .map(({ label, locks }) => {
        const on = (name: string) => locks.filter(({ kind, file }) => kind === 'ofd' && file === name).length;
        return `${label}: ${on('kanban.db')} ${on('kanban.db-shm')}`;
      });
    return { counts, left: observed(history, 'left'), opened: observed(history, 'opened') };
  }

  test('none takes none', async () => {
    expect((await locksUnder('safe-read')).counts).toEqual(['open 1: 0 0', 'one 1: 0 0', 'open 2: 0 0', 'one 2: 0 0']);
  });

  test('renewed has them as long as a connection is open, and a last close ends the WAL', async () => {
    const { counts, left } = await locksUnder('safe-read+ofd-guard');
    expect(counts).toEqual(['open 1: 1 1', 'one 1: 1 1', 'open 2: 1 1', 'one 2: 1 1']);
    expect(left).toEqual([['kanban.db'], ['kanban.db']]);
  });

  test('armed has them once, and they keep the WAL from its end', async () => {
    const { counts, left } = await locksUnder('safe-read+ofd-guard-armed');
    expect(counts.slice(0, 2)).toEqual(['open 1: 1 1', 'one 1: 1 1']);
    expect(counts.slice(2)).toEqual(['open 2: 0 0', 'one 2: 0 0']);
    expect(left[0]).toEqual(['kanban.db', 'kanban.db-shm', 'kanban.db-wal']);
  });

  test('strict refuses an open that it cannot guard, and leaves nothing locked', async () => {
    expect((await locksUnder('safe-read+ofd-guard-strict')).opened).toEqual(['ok', 'ok']);
    const fault: Fault = { kind: 'io-error', at: { lane: 'p', op: 'fdLock', nth: 2 }, code: 'SQLITE_IOERR_LOCK' };
    const { opened, counts } = await locksUnder('safe-read+ofd-guard-strict', [fault]);
    expect(opened).toEqual([{ code: 'OFD_UNGUARDED', statement: 'ofd_guard' }, 'ok']);
    expect(counts).toEqual(['open 2: 1 1', 'one 2: 1 1']);
    expect((await locksUnder('safe-read+ofd-guard', [fault])).opened).toEqual(['ok', 'ok']);
  });
});

describe('generation', () => {
  const gone = { code: 'WAL_GENERATION_GONE', statement: 'create_task' };
  const closes = (steps: readonly { readonly op: string; readonly role?: string }[]) =>
    steps.filter(({ op, role }) => op === 'close' && role === 'wal').length;

  test.each([
    ['wal', ['ok', 'ok', 'ok'], false],
    ['generation-guard', ['ok', gone, gone], true],
    ['generation-safe', ['ok', gone, gone], true],
    ['generation-reopen', ['ok', 'ok', 'ok'], false],
  ])('%s: what becomes of writes when the sidecars are gone', async (strategy, wrote, diverted) => {
    const { history } = await run('splitUnder', `safe-read+${strategy}`);
    expect(observed(history, 'wrote')).toEqual(wrote);
    expect(observed(history, 'diverted')).toEqual([diverted]);
    const split = history.looks.find(({ label }) => label === 'split')?.openFiles.map(({ file }) => file) ?? [];
    expect(split.includes('kanban.db-wal')).toBe(strategy === 'generation-reopen');
  });

  test('only a connection that is safe at shutdown is not closed', async () => {
    const sticky = await run('splitUnder', 'safe-read+generation-guard');
    const safe = await run('splitUnder', 'safe-read+generation-safe');
    expect(closes(sticky.steps) - closes(safe.steps)).toBe(1);
  });
});

describe('modes', () => {
  test('by-descriptor costs the locks, by-path does not, none changes nothing', async () => {
    const costs = [];
    for (const strategy of ['wal', 'fchmod', 'chmod-by-path']) {
      const { history, steps } = await run('guarded', `safe-read+${strategy}`);
      const changed = steps.filter(({ op }) => op === 'chmod' || op === 'fdChmod').length;
      costs.push([history.marks['locks-cancelled']! > 0, changed > 0]);
    }
    expect(costs).toEqual([
      [false, false],
      [true, true],
      [false, true],
    ]);
  });
});

describe('version-gate', () => {
  test('knows the versions with the WAL-reset bug', () => {
    const versions = ['3.6.23', '3.7.0', '3.44.6', '3.50.4', '3.50.7', '3.51.2', '3.51.3', '3.54.1'];
    expect(versions.map((version) => hasWalReset(version))).toEqual([
      false,
      true,
      false,
      true,
      false,
      true,
      false,
      false,
    ]);
  });

  test('gives a new board DELETE there, and leaves one that has WAL as it is', async () => {
    expect(observed((await run('modesOfBoards', 'version-gate')).history, 'mode')).toEqual(['wal', 'wal']);
    const early = await coordinatorOf({ engine: '3.50.4' });
    try {
      const { history } = await run('modesOfBoards', 'version-gate', [], early);
      expect(observed(history, 'mode')).toEqual(['delete', 'wal']);
    } finally {
      early.close();
    }
  });
});

test('probe-sets sets the mode where the probe is busy, and when-different lets the error go up', () => {
  const busy = {
    get() {
      throw new SqlError('SQLITE_BUSY', 'database is locked');
    },
  } as unknown as Connection;
  expect(axes.reissue.values['probe-sets'].mustSet(busy, 'WAL')).toBe(true);
  expect(() => axes.reissue.values['when-different'].mustSet(busy, 'WAL')).toThrow('database is locked');
});

test.each([
  ['wal', { code: 'SQLITE_ERROR', statement: 'list_tasks' }],
  ['sentinel-table', 'ok'],
])('%s: what a process does whose table is gone', async (strategy, listed) => {
  expect(observed((await run('tableGone', strategy)).history, 'listed')).toEqual([listed]);
});

test.each([
  ['wal', 'passive', true, -1],
  ['passive-checkpoint', 'passive', true, -1],
  ['truncate-checkpoint', 'truncate', false, -1],
  ['size-limit', 'none', true, 8_388_608],
])('%s: a WAL after the checkpoint of a tick, and its limit', async (strategy, _mode, isLong, limit) => {
  const { history, steps } = await run('checkpoints', `safe-read+${strategy}`);
  expect(Number(observed(history, 'wal bytes')[0]) > 0).toBe(isLong);
  expect(observed(history, 'limit')).toEqual([limit]);
  const created = steps.findIndex(({ op, text }) => op === 'observe' && text?.includes('"committed"') === true);
  const measured = steps.findIndex(({ op, text }) => op === 'observe' && text?.includes('wal bytes') === true);
  const copied = steps.slice(created, measured).some(({ op, role }) => op === 'write' && role === 'db');
  expect(copied).toBe(strategy.endsWith('checkpoint'));
});

test.each([
  ['wal', 30_000, 31_000],
  ['boundary-retries', 180_000, 181_000],
])('%s: how long a transaction tries for the write lock', async (strategy, fromMs, toMs) => {
  const { history } = await run('kept', `safe-read+${strategy}`);
  expect(observed(history, 'wrote')).toEqual([{ code: 'SQLITE_BUSY', statement: 'create_task' }]);
  const [after] = observed(history, 'after ms') as readonly number[];
  expect(after).toBeGreaterThanOrEqual(fromMs);
  expect(after).toBeLessThan(toMs);
});

describe('auto-reindex', () => {
  const damage: Fault = {
    kind: 'corrupt',
    at: { timeMs: 500 },
    how: 'index-entry-dropped',
    owner: 'idx_tasks_status',
    nth: 1,
    database: 'kanban.db',
  };

  test.each([
    ['quarantine', false, 1],
    ['auto-reindex', true, 1],
  ])('%s: a board of which only an index is damaged', async (strategy, isSound, backups) => {
    const { history } = await run('comesLate', `safe-read+${strategy}`, [damage]);
    expect(history.strikes).toHaveLength(1);
    expect(observed(history, 'connected')[0] === 'ok').toBe(isSound);
    expect(observed(history, 'integrity')[0] === 'ok').toBe(isSound);
    expect(observed(history, 'backups')).toEqual([backups]);
    expect(observed(history, 'reindexed')).toEqual(isSound ? [{ by: 'p', board: 'kanban.db', sound: true }] : []);
  });
});
