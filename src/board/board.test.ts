// The board as its users meet it: schema, connect() as reported for v0.14, transactions, claims, notices. On real files.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Coordinator } from '../../harness/explore/coordinator.ts';
import type { Plan } from '../../harness/explore/plan.ts';
import type { Scenario } from '../../harness/explore/scenario.ts';
import type { Json } from '../../harness/lane/world.ts';
import {
  coordinatorOf,
  observed,
  planOf,
  process as start,
  scenarioOf,
  StepKeeper,
} from '../../harness/testing/lab.test-support.ts';
import { programs } from '../programs.ts';
import { parseStrategy } from '../strategies/parse.ts';
import { ledgerName, ledgerQuery } from './write-txn.ts';

const module = new URL('../testing/board-programs.test-support.ts', import.meta.url).href;
const names = ['pragmas', 'overlapping', 'transactions', 'corrupted', 'lifeOfTask', 'staleClaims', 'notices'] as const;

let coordinator: Coordinator;
beforeAll(async () => {
  coordinator = await coordinatorOf();
});
afterAll(() => coordinator.close());

/** Runs one program on a fresh board; result: the history and the steps of that process. */
async function run(program: (typeof names)[number], strategy = 'wal', plan: Partial<Plan> = {}) {
  const settings = { file: 'kanban.db', policies: parseStrategy(strategy) } as unknown as Json;
  const keeper = new StepKeeper();
  const scenario: Scenario = {
    ...scenarioOf([start('p', program, settings)]),
    name: `board-${strategy}`,
    database: 'kanban.db',
    programs: { ...programs, ...Object.fromEntries(names.map((name) => [name, { module, export: name }])) },
    setup: () => start('init', 'init', settings),
    queries: { [ledgerName]: ledgerQuery },
  };
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

  test('reads the header raw every time', async () => {
    expect((await run('pragmas')).count('fileRead')).toBe(2);
    expect((await run('overlapping')).count('fileRead')).toBe(3);
  });

  test('reads it only while nothing is open, under safe-read', async () => {
    const { steps, count, history } = await run('overlapping', 'safe-read');
    expect(count('fileRead')).toBe(2);
    expect(history.marks['locks-cancelled']).toBe(0);
    const opens = steps.flatMap(({ op, role }, i) => (op === 'open' && role === 'db' ? [i] : []));
    const reads = steps.flatMap(({ op }, i) => (op === 'fileRead' ? [i] : []));
    expect(reads.map((at) => opens.filter((open) => open < at).length)).toEqual([0, 3]);
  });

  test('cancels the locks of a connection that is open, as reported', async () => {
    expect((await run('overlapping')).history.marks['locks-cancelled']).toBeGreaterThan(0);
  });

  test('sets DELETE under delete', async () => {
    expect(observed((await run('pragmas', 'delete')).history, 'journal_mode')).toEqual(['delete']);
  });

  test('falls back to DELETE when setting WAL meets an I/O error, and sets WAL again on the next connect', async () => {
    // The guard connection maps the wal-index twice: it recovers it.
    const at = { lane: 'p', op: 'shmMap', nth: 3 } as const;
    const { history } = await run('pragmas', 'wal', {
      faults: [{ kind: 'io-error', at, code: 'SQLITE_IOERR_SHMMAP' }],
    });
    expect(observed(history, 'first journal_mode')).toEqual(['delete']);
    expect(observed(history, 'journal_mode')).toEqual(['wal']);
  });

  test('refuses a file whose header is not that of a database', async () => {
    expect(observed((await run('corrupted')).history, 'refused')).toEqual([
      { code: 'KANBAN_DB_CORRUPT', statement: '_validate_sqlite_header' },
    ]);
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

  test('rolls back when its body fails, and says which function failed', async () => {
    const { history } = await run('transactions');
    expect(observed(history, 'refused')).toEqual([{ code: 'SQLITE_ERROR', statement: 'doomed' }]);
    expect(observed(history, 'links')).toEqual([0]);
  });
});

test('a task is claimed once, ended once, and promotes its child', async () => {
  const { history } = await run('lifeOfTask');
  const kinds = [
    'ready',
    'claimed twice',
    'order',
    'ready before the parent is done',
    'ended',
    'ended twice',
    'ready after the parent is done',
  ];
  expect(kinds.map((kind) => observed(history, kind)[0])).toEqual([
    1,
    false,
    { thinkMs: 0, heartbeats: 0, verdict: 'complete' },
    false,
    true,
    false,
    true,
  ]);
  expect(observed(history, 'events')).toEqual([
    ['created', 'claimed', 'spawned', 'heartbeat', 'commented', 'completed'],
  ]);
});

test('a claim that has run out goes back to ready, unless its worker lives', async () => {
  const { history } = await run('staleClaims');
  expect(observed(history, 'ready in time')).toEqual([0]);
  expect(observed(history, 'ready after the claim has run out')).toEqual([true]);
  expect(observed(history, 'the living worker keeps its task')).toEqual([true]);
});

test('a chat hears of the end of its task once', async () => {
  const { history } = await run('notices');
  const kinds = ['before', 'other profile', 'first', 'second', 'subscriptions'];
  expect(kinds.map((kind) => observed(history, kind)[0])).toEqual([0, 0, ['completed'], 0, 0]);
});
