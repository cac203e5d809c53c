// A board that turns out to be damaged, or is gone: the axis `corruption`, on real files.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Coordinator } from '../../../harness/run/coordinator.ts';
import type { Fault } from '../../../harness/model/fault.ts';
import { FileError, type World } from '../../../harness/lane/world.ts';
import type { Json } from '../../../harness/model/values.ts';
import {
  coordinatorOf,
  observed,
  planOf,
  process as start,
  scenarioOf,
  StepKeeper,
} from '../../../harness/testing/lab.test-support.ts';
import { file, onFreshBoard, settingsFor } from '../../testing/board-scenario.test-support.ts';
import type { DamageStep } from '../../testing/damage-programs.test-support.ts';
import { backUpOnce, timestamp } from '../../board-file/backups.ts';

const module = new URL('../../testing/damage-programs.test-support.ts', import.meta.url).href;

let coordinator: Coordinator;
beforeAll(async () => {
  coordinator = await coordinatorOf();
});
afterAll(() => coordinator.close());

/** Runs processes `p-1`, `p-2`, … that each do their steps. */
async function run(strategy: string, scripts: readonly (readonly DamageStep[])[], faults: readonly Fault[] = []) {
  const keeper = new StepKeeper();
  const board = settingsFor(strategy);
  const processes = scripts.map((steps, i) => start(`p-${i + 1}`, 'damage', { board, steps } as unknown as Json));
  const scenario = onFreshBoard(scenarioOf(processes), module, strategy);
  const history = await coordinator.run(scenario, planOf({ faults }), undefined, [keeper]);
  for (const { ending } of history.endings) expect(ending).toEqual({ how: 'returned' });
  const uses = observed(history, 'use').map((one) => (typeof one === 'string' ? one : (one as { code: string }).code));
  const count = (kind: string) => observed(history, kind).length;
  const backups = history.autopsy.files.map(({ name }) => name).filter((name) => name.includes('.corrupt.'));
  /** Number of the trace's step at which a process began to do this for the nth time. */
  const began = (lane: string, act: DamageStep, nth = 1): number => {
    const acts = history.observations.filter((one) => one.lane === lane && one.kind === 'act' && one.data === act);
    return acts[nth - 1]?.step ?? Infinity;
  };
  /** Operations of a process on the board's file and sidecars since then. */
  const touches = (lane: string, act: DamageStep, nth: number) =>
    keeper.steps
      .filter((step) => step.lane === lane && step.step > began(lane, act, nth))
      .filter(({ file: name = '' }) => /^kanban\.db(-wal|-shm)?$/.test(name))
      .map(({ op }) => op);
  /** Step at which the first backup was written. */
  const backedUp = keeper.steps.find(
    ({ op, file: name = '' }) => op === 'fileWrite' && name.includes('.corrupt.'),
  )?.step;
  return { history, uses, count, backups, began, touches, backedUp };
}

const corrupt = 'KANBAN_DB_CORRUPT';
const disabled = 'KANBAN_BOARD_DISABLED';

test('a timestamp is a date', () => {
  const of = (text: string) => timestamp(Date.parse(text));
  expect(of('2026-05-23T13:04:34.999Z')).toBe('20260523_130434');
  expect(of('2024-02-29T00:00:00Z')).toBe('20240229_000000');
  expect(of('2000-03-01T23:59:59Z')).toBe('20000301_235959');
  expect(of('1999-12-31T12:00:00Z')).toBe('19991231_120000');
});

describe('as reported', () => {
  test('each refusal makes a backup, for ever, also within a second', async () => {
    const { uses, backups, history, count } = await run('wal', [['page', 'use', 'use', 's', 'use']]);
    expect(uses).toEqual([corrupt, corrupt, corrupt]);
    expect(backups.length).toBe(3);
    const shapes = backups.map((name) => name.replaceAll(/\d{8}_\d{6}/g, 'T'));
    expect(shapes.toSorted()).toEqual([`${file}.corrupt.T.1.bak`, `${file}.corrupt.T.bak`, `${file}.corrupt.T.bak`]);
    expect(
      observed(history, 'backup')
        .map((data) => (data as { name: string }).name)
        .toSorted(),
    ).toEqual(backups);
    const sizes = observed(history, 'backup').map((data) => (data as { bytes: number }).bytes);
    expect(sizes).toEqual(sizes.map(() => history.autopsy.files.find(({ name }) => name === file)?.bytes));
    expect(count('corrupt-error')).toBe(3);
  });

  test('a process that has had the board open does not look again: SQLite’s error is logged only', async () => {
    const { uses, backups, history } = await run('wal', [['use', 'page', 'use', 'use']]);
    expect(uses).toEqual(['ok', 'SQLITE_CORRUPT', 'SQLITE_CORRUPT']);
    expect(backups).toEqual([]);
    expect(observed(history, 'corrupt-error').map((data) => (data as { by: string }).by)).toEqual(['p-1', 'p-1']);
  });

  test('so does a header that is none: SQLITE_NOTADB, and no backup', async () => {
    const { uses, backups, history } = await run('wal', [['header', 'use', 'use']]);
    expect(uses).toEqual(['SQLITE_NOTADB', 'SQLITE_NOTADB']);
    expect(observed(history, 'use')[0]).toMatchObject({ statement: '_validate_sqlite_header' });
    expect(backups).toEqual([]);
  });

  test('the guard’s other errors are no refusals', async () => {
    const at = { lane: 'p-1', op: 'shmMap', nth: 1 } as const;
    const { uses, backups, count } = await run(
      'wal',
      [['use', 'use']],
      [{ kind: 'io-error', at, code: 'SQLITE_IOERR_SHMMAP' }],
    );
    expect(uses).toEqual(['SQLITE_IOERR_SHMMAP', 'ok']);
    expect([backups.length, count('corrupt-error')]).toEqual([0, 0]);
  });

  test('the backup cancels the locks of a connection that is open', async () => {
    const { history } = await run('wal', [['page', 'hold', 'use', 'let-go']]);
    expect(history.marks['locks-cancelled']).toBeGreaterThan(0);
  });

  test('under safe-read it is made all the same, since nothing is open in a process that refuses', async () => {
    const { backups } = await run('safe-read', [['page', 'use']]);
    expect(backups.length).toBe(1);
  });

  test('the dispatcher alone is disabled, by SQLite’s errors alone, until the file changes', async () => {
    const malformed = await run('wal', [['keep', 'use', 'page', 'tick', 'tick', 'use', 'restore', 'tick']]);
    expect(malformed.uses).toEqual(['ok', 'SQLITE_CORRUPT', disabled, 'SQLITE_CORRUPT', 'ok']);
    const noDatabase = await run('wal', [['header', 'tick', 'tick']]);
    expect(noDatabase.uses).toEqual(['SQLITE_NOTADB', disabled]);
    const refused = await run('wal', [['page', 'tick', 'tick']]);
    expect(refused.uses).toEqual([corrupt, corrupt]);
  });

  test('a board that is gone is made anew, and nothing says that it was there', async () => {
    const { uses, history, count } = await run('wal', [
      ['use', 'remove'],
      ['s', 'use'],
    ]);
    expect(uses).toEqual(['ok', 'ok']);
    expect(observed(history, 'board-created')).toEqual([{ by: 'p-2', board: file }]);
    expect(count('corrupt-error')).toBe(0);
    expect(history.autopsy.tables.find(({ table }) => table === 'tasks')?.rows).toBe(1);
  });

  test('a process that has had it open makes an empty file of it', async () => {
    const { uses, history } = await run('wal', [['use', 'remove', 'use']]);
    expect(uses).toEqual(['ok', 'SQLITE_ERROR']);
    expect(observed(history, 'corrupt-error')).toMatchObject([{ message: 'no such table: tasks' }]);
    expect(history.autopsy.files.map(({ name }) => name)).toContain(file);
  });
});

describe('quarantine', () => {
  test('one backup, one error a process, and the file is not touched any more', async () => {
    const uses: DamageStep[] = ['s', 'use', 'use', 's', 'use'];
    const { backups, history, touches, count } = await run('quarantine', [['page', ...uses], uses]);
    expect(observed(history, 'use')).toMatchObject([
      { code: corrupt },
      { code: disabled },
      { code: corrupt },
      { code: disabled },
      { code: disabled },
      { code: disabled },
    ]);
    expect(backups.length).toBe(1);
    expect(backups[0]).toMatch(/^kanban\.db\.corrupt\.\d+-\d+\.bak$/);
    expect(count('backup')).toBe(1);
    const told = ['corrupt-error', 'quarantined'].map((kind) =>
      observed(history, kind).map((data) => (data as { by: string }).by),
    );
    expect(told).toEqual([
      ['p-1', 'p-2'],
      ['p-1', 'p-2'],
    ]);
    // Who finds the backup made does not read the file for one of its own: the one read is that of the header.
    expect(touches('p-2', 'use', 1).filter((op) => op === 'fileRead')).toEqual(['fileRead']);
    for (const lane of ['p-1', 'p-2']) {
      expect(touches(lane, 'use', 2)).toEqual(['stat', 'stat']);
    }
  });

  test.each([
    ['a process that has had the board open', ['use', 'page'], 'SQLITE_CORRUPT'],
    ['a header that is none', ['use', 'header'], 'SQLITE_NOTADB'],
    ['a table that is gone', ['use', 'drop'], 'SQLITE_ERROR'],
  ] as const)('%s: the first error disables the board', async (_, before, code) => {
    const { uses, backups, count } = await run('quarantine', [[...before, 'use', 'use', 'tick']]);
    expect(uses).toEqual(['ok', code, disabled, disabled]);
    expect([backups.length, count('corrupt-error'), count('quarantined')]).toEqual([1, 1, 1]);
  });

  test('a file that has changed is tried again, and damaged anew told and backed up anew', async () => {
    const { uses, backups, count } = await run('quarantine', [
      ['keep', 'use', 'page', 'use', 'use', 'restore', 'use', 'header', 'use', 'use'],
    ]);
    expect(uses).toEqual(['ok', 'SQLITE_CORRUPT', disabled, 'ok', 'SQLITE_NOTADB', disabled]);
    expect([backups.length, count('corrupt-error')]).toEqual([2, 2]);
  });

  test('no other error disables a board', async () => {
    const at = { lane: 'p-1', op: 'shmMap', nth: 1 } as const;
    const { uses, backups, count } = await run(
      'quarantine',
      [['use', 'look-up', 'use']],
      [{ kind: 'io-error', at, code: 'SQLITE_IOERR_SHMMAP' }],
    );
    expect(uses).toEqual(['SQLITE_IOERR_SHMMAP', 'NO_SUCH_TASK', 'ok']);
    expect([backups.length, count('corrupt-error'), count('quarantined')]).toEqual([0, 0, 0]);
  });

  test('two uses at once that meet the same damage are one error', async () => {
    const { uses, backups, count } = await run('quarantine', [['use', 'both', 'use']]);
    expect(uses).toEqual(['ok', 'SQLITE_CORRUPT', 'SQLITE_CORRUPT', disabled]);
    expect([backups.length, count('corrupt-error'), count('quarantined')]).toEqual([1, 1, 1]);
  });

  test('a backup is written with O_EXCL: of two processes that find none, one makes it', () => {
    const written: unknown[] = [];
    const files = {
      exists: () => false,
      read: () => new Uint8Array([1]),
      write: (name: string, _data: Uint8Array, options: object) => {
        written.push([name, options]);
        throw new FileError('EEXIST', name);
      },
    };
    expect(backUpOnce({ files } as unknown as World, file, 'name.bak')).toBeUndefined();
    expect(written).toEqual([['name.bak', { exclusive: true }]]);
  });

  test('the backup waits until the process has no connection open', async () => {
    const { uses, backups, began, backedUp, history } = await run('quarantine+sentinel+safe-read', [
      ['use', 'pin', 'page', 'use', 'use', 'unpin', 's'],
    ]);
    expect(uses).toEqual(['ok', 'SQLITE_CORRUPT', disabled]);
    expect(backups.length).toBe(1);
    expect(backedUp).toBeGreaterThan(began('p-1', 'unpin'));
    // The scramble reads and writes the file raw, and nothing else does.
    expect(history.marks['locks-cancelled']).toBe(2);
  });

  test.each(['quarantine+shared', 'quarantine+reopen'])('%s: a kept connection is closed', async (strategy) => {
    const { uses, backups, began, backedUp } = await run(strategy, [['use', 'drop', 'use', 's', 'use']]);
    expect(uses).toEqual(['ok', 'SQLITE_ERROR', disabled]);
    expect(backups.length).toBe(1);
    expect(backedUp).toBeLessThan(began('p-1', 's'));
  });

  describe('a board that is gone', () => {
    test('is not made anew where a backup says that it was there', async () => {
      const { uses, history, count } = await run('quarantine', [
        ['page', 'use', 'remove'],
        ['s', 'use', 'use'],
      ]);
      expect(uses).toEqual([corrupt, 'KANBAN_DB_GONE', disabled]);
      expect(history.autopsy.files.map(({ name }) => name)).not.toContain(file);
      expect([count('board-created'), count('corrupt-error')]).toEqual([0, 2]);
      expect((observed(history, 'corrupt-error')[1] as { message: string }).message).toContain('.bak');
    });

    test('is made anew when the backups have been moved away', async () => {
      const { uses, count } = await run('quarantine', [
        ['page', 'use', 'remove', 'clear'],
        ['s', 'use', 'use'],
      ]);
      expect(uses).toEqual([corrupt, 'ok', 'ok']);
      expect(count('board-created')).toBe(1);
    });

    test('is not made anew by a process that has had it open', async () => {
      const { uses, history, count } = await run('quarantine', [
        ['keep', 'use', 'remove', 'use', 'use', 'restore', 'use'],
      ]);
      expect(uses).toEqual(['ok', 'SQLITE_CANTOPEN', disabled, 'ok']);
      expect([count('corrupt-error'), count('backup')]).toEqual([1, 0]);
      expect(history.autopsy.integrity).toEqual(['ok']);
    });

    test('what could not be opened does not count as open', async () => {
      const { uses, backups } = await run('quarantine', [['keep', 'use', 'remove', 'use', 'restore', 'page', 'use']]);
      expect(uses).toEqual(['ok', 'SQLITE_CANTOPEN', 'SQLITE_CORRUPT']);
      expect(backups.length).toBe(1);
    });
  });
});
