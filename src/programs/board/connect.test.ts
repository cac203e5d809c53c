// init, connect() and transactions as reported for v0.14, on real files.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Coordinator } from '../../../harness/run/coordinator.ts';
import type { Plan } from '../../../harness/model/plan.ts';
import type { Fault } from '../../../harness/model/fault.ts';
import type { Json } from '../../../harness/model/values.ts';
import {
  coordinatorOf,
  observed,
  planOf,
  process as start,
  scenarioOf,
  StepKeeper,
} from '../../../harness/testing/lab.test-support.ts';
import { onFreshBoard, settingsFor } from '../../testing/board-scenario.test-support.ts';
import { ledgerName } from './write-txn.ts';

const module = new URL('../../testing/board-programs.test-support.ts', import.meta.url).href;

/** Strikes `PRAGMA journal_mode=WAL` of the first connect: the guard connection maps the wal-index twice, it recovers it. */
const settingModeFails: Fault = {
  kind: 'io-error',
  at: { lane: 'p', op: 'shmMap', nth: 3 },
  code: 'SQLITE_IOERR_SHMMAP',
};

let coordinator: Coordinator;
beforeAll(async () => {
  coordinator = await coordinatorOf();
});
afterAll(() => coordinator.close());

/** Runs one program on a fresh board; result: the history and the steps of that process. */
async function run(program: string, strategy = 'wal', plan: Partial<Plan> = {}) {
  const keeper = new StepKeeper();
  const args = settingsFor(strategy) as unknown as Json;
  const scenario = onFreshBoard(scenarioOf([start('p', program, args)]), module, strategy);
  const parameters = { gateways: 1, horizonMs: 10_000_000, stepsMax: 200_000 };
  const history = await coordinator.run(scenario, planOf({ parameters, ...plan }), undefined, [keeper]);
  expect(history.endings).toEqual([{ lane: 'p', ending: { how: 'returned' } }]);
  return { history, steps: keeper.steps, count: (op: string) => keeper.steps.filter((step) => step.op === op).length };
}

describe('init', () => {
  test('makes the tables and indexes that the reported system has', async () => {
    const { tables } = (await run('pragmas')).history.autopsy;
    const found = Object.fromEntries(
      tables.map(({ table, indexes }) => [table, indexes.map(({ index }) => index).toSorted()]),
    );
    expect(found).toEqual({
      kanban_notify_subs: ['idx_notify_task', 'sqlite_autoindex_kanban_notify_subs_1'],
      task_attachments: ['idx_attachments_task'],
      task_comments: ['idx_comments_task'],
      task_events: ['idx_events_run', 'idx_events_task'],
      task_links: ['idx_links_child', 'idx_links_parent', 'sqlite_autoindex_task_links_1'],
      task_runs: ['idx_runs_status', 'idx_runs_task'],
      tasks: [
        'idx_tasks_assignee_status',
        'idx_tasks_idempotency',
        'idx_tasks_session_id',
        'idx_tasks_status',
        'idx_tasks_tenant',
        'sqlite_autoindex_tasks_1',
      ],
    });
  });

  test('leaves a database of the size of a fresh kanban.db, about 106 KB', async () => {
    const { files } = (await run('pragmas')).history.autopsy;
    const bytes = files.find(({ name }) => name === 'kanban.db')?.bytes ?? 0;
    expect(bytes).toBeGreaterThan(80_000);
    expect(bytes).toBeLessThan(130_000);
  });

  test('leaves a board that is there alone', async () => {
    expect(observed((await run('initAgain')).history, 'board-created')).toEqual([]);
  });
});

describe('connect', () => {
  test('sets WAL, synchronous NORMAL, foreign keys, 30 s busy timeout; autocheckpoint stays 1000 pages', async () => {
    const { history } = await run('pragmas');
    const settings = ['journal_mode', 'synchronous', 'foreign_keys', 'busy_timeout', 'wal_autocheckpoint'];
    expect(settings.map((name) => observed(history, name)[0])).toEqual(['wal', 1, 1, 30_000, 1000]);
  });

  test('opens a guard connection besides, once per process', async () => {
    const { steps } = await run('pragmas');
    expect(steps.filter(({ op, role }) => op === 'open' && role === 'db').length).toBe(3);
  });

  test('opens it again after init', async () => {
    const { steps } = await run('initAgain');
    expect(steps.filter(({ op, role }) => op === 'open' && role === 'db').length).toBe(4);
  });

  test('reads the header raw every time', async () => {
    expect((await run('pragmas')).count('fileRead')).toBe(2);
    expect((await run('overlapping')).count('fileRead')).toBe(3);
  });

  test('cancels the locks of a connection that is open, as reported', async () => {
    expect((await run('overlapping')).history.marks['locks-cancelled']).toBeGreaterThan(0);
  });

  test('closes its connection when it fails', async () => {
    const { history } = await run('failing', 'no-downgrade', { faults: [settingModeFails] });
    expect(observed(history, 'connect')).toEqual([
      { code: 'SQLITE_IOERR_SHMMAP', statement: 'apply_wal_with_fallback' },
      'ok',
    ]);
    expect(history.looks.map(({ label }) => label)).toEqual(['failed', 'open']);
    const open = history.looks.map(({ openFiles }) => openFiles.filter((one) => one.file === 'kanban.db').length);
    expect(open).toEqual([0, 1]);
  });
});

describe('a write transaction', () => {
  test('says what it commits before and after COMMIT, and its rows are there', async () => {
    const { history } = await run('transactions');
    const [committing, ...others] = observed(history, 'committing') as unknown as {
      readonly keys: readonly string[];
    }[];
    expect(others).toEqual([]);
    expect(observed(history, 'committed')).toEqual([committing]);
    expect(committing?.keys.map((key) => key.split(':')[0])).toEqual(['task', 'event']);
    const rows = history.autopsy.queries[ledgerName];
    expect(rows).toEqual(committing?.keys.map((key) => [key]));
  });

  test('rolls back when its body fails, says which function failed, and nothing of what it was to say', async () => {
    const { history } = await run('transactions');
    expect(observed(history, 'doomed')).toEqual([{ code: 'SQLITE_ERROR', statement: 'doomed' }]);
    expect(observed(history, 'links')).toEqual([0]);
    expect(observed(history, 'never')).toEqual([]);
  });
});
