// Every operation on the board, with the rules of the reported system, on real files: what it does to the rows, what it
// observes, and in how many transactions.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Coordinator } from '../../../harness/run/coordinator.ts';
import type { History } from '../../../harness/model/history.ts';
import type { Json } from '../../../harness/model/values.ts';
import {
  coordinatorOf,
  observed,
  planOf,
  process as start,
  scenarioOf,
} from '../../../harness/testing/lab.test-support.ts';
import { onFreshBoard, settingsFor } from '../../testing/board-scenario.test-support.ts';
import type { ScriptStep } from '../../testing/operation-programs.test-support.ts';
import type { OperationName } from './operations.ts';
import { ledgerName } from './write-txn.ts';

const module = new URL('../../testing/operation-programs.test-support.ts', import.meta.url).href;

let coordinator: Coordinator;
beforeAll(async () => {
  coordinator = await coordinatorOf();
});
afterAll(() => coordinator.close());

/** Runs the steps in a process `d`; result: their results and the history. */
async function run(...steps: readonly ScriptStep[]): Promise<{ results: readonly Json[]; history: History }> {
  const args = { board: settingsFor('wal'), steps } as unknown as Json;
  const scenario = onFreshBoard(scenarioOf([start('d', 'script', args)]), module, 'wal');
  const parameters = { gateways: 1, horizonMs: 40_000_000, stepsMax: 400_000 };
  const history = await coordinator.run(scenario, planOf({ parameters }));
  expect(history.endings.find(({ lane }) => lane === 'd')?.ending).toEqual({ how: 'returned' });
  expectLedger(history);
  return { results: observed(history, 'result'), history };
}

/** Every row that was acknowledged is there, and none besides. */
function expectLedger(history: History): void {
  const said = (kind: string) =>
    observed(history, kind).flatMap((data) => (data as unknown as { readonly keys: readonly string[] }).keys);
  const rows = (history.autopsy.queries[ledgerName] as readonly (readonly string[])[]).map(([key]) => key);
  expect(said('committed')).toEqual(said('committing'));
  expect(new Set(rows)).toEqual(new Set(said('committed')));
  expect(rows.length).toBe(said('committed').length);
}

const op = (name: OperationName, args: Json = {}): ScriptStep => ({ do: name, args });
const create = (more: object = {}, order: object = {}): ScriptStep =>
  op('create_task', { order: { thinkMs: 0, heartbeats: 0, verdict: 'complete', ...order }, ...more });
const task = { task: '$0' };
const claim = op('claim_task', task);
const statusOf: ScriptStep = { sql: 'SELECT status FROM tasks ORDER BY created_at, rowid' };
const kinds: ScriptStep = { sql: 'SELECT kind FROM task_events ORDER BY id' };
const runs: ScriptStep = { sql: 'SELECT status, outcome, ended_at IS NOT NULL FROM task_runs ORDER BY id' };
const flat = (result: Json | undefined): readonly Json[] => (result as readonly (readonly Json[])[]).flat();
const last = (results: readonly Json[]): readonly Json[] => flat(results.at(-1));

describe('create_task', () => {
  test('makes a ready task with its order as body', async () => {
    const { results } = await run(create({ priority: 3 }, { maxRuntimeSeconds: 90 }), {
      sql: 'SELECT status, priority, max_runtime_seconds, body, id, created_by FROM tasks',
    });
    const body = '{"thinkMs":0,"heartbeats":0,"verdict":"complete","maxRuntimeSeconds":90}';
    expect(last(results)).toEqual(['ready', 3, 90, body, results[0], 'd']);
    expect(results[0]).toMatch(/^t_[0-9a-f]{8}$/);
  });

  test('makes a todo task below a parent that is not done, a ready one below one that is', async () => {
    const { results } = await run(
      create(),
      create({ parent: '$0' }),
      op('complete_task', { task: '$0', run: null }),
      create({ parent: '$0' }),
      statusOf,
    );
    expect(last(results)).toEqual(['done', 'ready', 'ready']);
    expect(flat((await run(create(), create({ parent: '$0' }), statusOf)).results[2])).toEqual(['ready', 'todo']);
  });
});

describe('link_tasks', () => {
  test('sends the child back to todo until the parent is done', async () => {
    const { results } = await run(
      create(),
      create(),
      op('link_tasks', { parent: '$0', child: '$1' }),
      statusOf,
      op('complete_task', { task: '$0', run: null }),
      statusOf,
      kinds,
    );
    expect(results[2]).toBe(true);
    expect([flat(results[3]), flat(results[5])]).toEqual([
      ['ready', 'todo'],
      ['done', 'ready'],
    ]);
    expect(last(results)).toEqual(['created', 'created', 'linked', 'completed', 'promoted']);
  });

  test('refuses a circle', async () => {
    const { results } = await run(
      create(),
      create({ parent: '$0' }),
      create({ parent: '$1' }),
      op('link_tasks', { parent: '$2', child: '$0' }),
      op('link_tasks', { parent: '$0', child: '$0' }),
      { sql: 'SELECT count(*) FROM task_links' },
    );
    expect(results.slice(3)).toEqual([false, false, [[2]]]);
  });
});

test('show_task tells status, attempt and order; of a task that is not there it says so', async () => {
  const { results } = await run(
    create(),
    op('show_task', task),
    claim,
    op('show_task', task),
    op('show_task', { task: 'none' }),
  );
  const order = { thinkMs: 0, heartbeats: 0, verdict: 'complete' };
  expect(results[1]).toEqual({ task: results[0], status: 'ready', run: null, order });
  expect(results[3]).toEqual({ task: results[0], status: 'running', run: 1, order });
  expect(results[4]).toEqual({ code: 'NO_SUCH_TASK', statement: 'kanban_show' });
});

test('list_tasks and ready_tasks: by priority, then age', async () => {
  const { results } = await run(
    create(),
    { sleepS: 1 },
    create({ priority: 1 }),
    { sleepS: 1 },
    create(),
    op('ready_tasks'),
    claim,
    op('set_worker_pid', { task: '$0', run: '$6.run', worker: 'w' }),
    op('ready_tasks'),
    op('list_tasks', { status: 'running' }),
    op('list_tasks'),
  );
  const [first, , second, , third] = results;
  expect(results[5]).toEqual([second, first, third]);
  expect(results[8]).toEqual([second, third]);
  expect(results[9]).toEqual([{ task: first, status: 'running', worker: 'w' }]);
  expect((results[10] as readonly { readonly task: Json }[]).map((line) => line.task)).toEqual([second, first, third]);
});

describe('claim_task', () => {
  test('is won once: the claim, a run, both for 900 s, and what is observed', async () => {
    const { results, history } = await run(
      create(),
      claim,
      claim,
      {
        sql: `SELECT tasks.status, tasks.claim_lock, tasks.claim_expires - started_at, current_run_id, workspace_path
            FROM tasks`,
      },
      runs,
    );
    expect(results[1]).toEqual({ task: results[0], run: 1 });
    expect(results[2]).toBeNull();
    expect(flat(results[3])).toEqual(['running', 'host:d', 900, 1, `kanban/workspaces/${results[0] as string}`]);
    expect(flat(results[4])).toEqual(['running', null, 0]);
    expect(observed(history, 'claimed')).toEqual([{ task: results[0], run: 1, by: 'd' }]);
  });

  test('takes only what is ready and free', async () => {
    const { results } = await run(
      create(),
      create(),
      { run: "UPDATE tasks SET claim_lock = 'host:other' WHERE rowid = 1" },
      { run: "UPDATE tasks SET status = 'blocked' WHERE rowid = 2" },
      op('ready_tasks'),
      claim,
      op('claim_task', { task: '$1' }),
    );
    expect(results.slice(4)).toEqual([[], null, null]);
  });

  test('sends a ready task below an undone parent back to todo', async () => {
    const { results, history } = await run(
      create(),
      create({ parent: '$0' }),
      { run: "UPDATE tasks SET status = 'ready'" },
      op('claim_task', { task: '$1' }),
      statusOf,
      kinds,
    );
    expect(results[3]).toBeNull();
    expect(flat(results[4])).toEqual(['ready', 'todo']);
    expect(last(results)).toEqual(['created', 'created', 'claim_rejected']);
    expect(observed(history, 'claimed')).toEqual([]);
  });
});

describe('heartbeat', () => {
  test('extends the claim and is two transactions', async () => {
    const { results } = await run(
      create(),
      claim,
      { sleepS: 100 },
      op('heartbeat', { task: '$0', run: '$1.run' }),
      { sql: 'SELECT claim_expires - started_at, last_heartbeat_at - started_at FROM tasks' },
      { sql: 'SELECT claim_expires - started_at, last_heartbeat_at - started_at FROM task_runs' },
      kinds,
    );
    expect(results[3]).toBe(true);
    expect([flat(results[4]), flat(results[5])]).toEqual([
      [1000, 100],
      [1000, 100],
    ]);
    expect(last(results)).toEqual(['created', 'claimed', 'heartbeat']);
  });

  test('of an attempt that is over does nothing', async () => {
    const { results } = await run(
      create(),
      claim,
      { sleepS: 901 },
      op('release_stale_claims'),
      op('claim_task', task),
      op('heartbeat', { task: '$0', run: '$1.run' }),
      { sql: 'SELECT last_heartbeat_at FROM tasks' },
    );
    expect([results[5], last(results)]).toEqual([false, [null]]);
  });
});

test('add_comment', async () => {
  const { results } = await run(create(), op('add_comment', { task: '$0', run: null }), {
    sql: 'SELECT task_id, author FROM task_comments',
  });
  expect(last(results)).toEqual([results[0], 'd']);
});

describe('complete_task and block_task', () => {
  test.each([
    ['complete_task', 'done', 'completed', 'done'],
    ['block_task', 'blocked', 'blocked', 'blocked'],
  ] as const)('%s: the task is %s, its run %s, once', async (name, status, outcome, runStatus) => {
    const end = op(name, { task: '$0', run: '$1.run' });
    const { results, history } = await run(create(), claim, end, end, statusOf, runs, {
      sql: 'SELECT claim_lock, claim_expires, worker_pid, current_run_id FROM tasks',
    });
    expect([results[2], results[3]]).toEqual([true, false]);
    expect([flat(results[4]), flat(results[5])]).toEqual([[status], [runStatus, outcome, 1]]);
    expect(last(results)).toEqual([null, null, null, null]);
    expect(observed(history, 'run-ended')).toEqual([{ task: results[0], run: 1, outcome, by: 'd' }]);
  });

  test('an attempt that was reclaimed ends nothing', async () => {
    const { results } = await run(
      create(),
      claim,
      { sleepS: 901 },
      op('release_stale_claims'),
      op('complete_task', { task: '$0', run: '$1.run' }),
      statusOf,
    );
    expect([results[4], last(results)]).toEqual([false, ['ready']]);
  });

  test('a person ends a task that nobody has claimed: a run of no duration', async () => {
    const { results, history } = await run(create(), op('complete_task', { task: '$0', run: null }), runs);
    expect([results[1], last(results)]).toEqual([true, ['completed', 'completed', 1]]);
    expect(observed(history, 'run-ended')).toEqual([{ task: results[0], run: 1, outcome: 'completed', by: 'd' }]);
  });

  test('only a completion forgives failures', async () => {
    const { results } = await run(
      create(),
      { run: 'UPDATE tasks SET consecutive_failures = 1' },
      op('block_task', { task: '$0', run: null }),
      { sql: 'SELECT consecutive_failures FROM tasks' },
      op('complete_task', { task: '$0', run: null }),
      { sql: 'SELECT consecutive_failures FROM tasks' },
    );
    expect([flat(results[3]), last(results)]).toEqual([[1], [0]]);
  });
});

describe('release_stale_claims', () => {
  const withWorker = (liveS: number): readonly ScriptStep[] => [
    create(),
    claim,
    { worker: 'w', liveS, code: 0 },
    op('set_worker_pid', { task: '$0', run: '$1.run', worker: 'w' }),
  ];

  test('leaves a claim alone until it has run out', async () => {
    const { results } = await run(create(), claim, { sleepS: 899 }, op('release_stale_claims'), statusOf);
    expect([results[3], last(results)]).toEqual([{ extended: [], reclaimed: [] }, ['running']]);
  });

  test('takes it back where no worker lives', async () => {
    const { results, history } = await run(
      create(),
      claim,
      { sleepS: 901 },
      op('release_stale_claims'),
      statusOf,
      runs,
      kinds,
    );
    expect(results[3]).toEqual({ extended: [], reclaimed: [results[0]] });
    expect([flat(results[4]), flat(results[5])]).toEqual([['ready'], ['reclaimed', 'reclaimed', 1]]);
    expect(last(results)).toEqual(['created', 'claimed', 'reclaimed']);
    expect(observed(history, 'run-ended')).toEqual([{ task: results[0], run: 1, outcome: 'reclaimed', by: 'd' }]);
  });

  test('extends it while the worker lives, heard of or not', async () => {
    const { results } = await run(
      ...withWorker(3000),
      { sleepS: 901 },
      op('release_stale_claims'),
      {
        sql: 'SELECT tasks.claim_expires - task_runs.started_at, task_runs.claim_expires = tasks.claim_expires FROM tasks, task_runs',
      },
      kinds,
    );
    expect(results[5]).toEqual({ extended: [results[0]], reclaimed: [] });
    expect(flat(results[6])).toEqual([1801, 1]);
    expect(last(results)).toEqual(['created', 'claimed', 'spawned', 'claim_extended']);
  });

  test('ends a worker that lives but has not been heard of for an hour', async () => {
    const silent = (forS: number) =>
      run(
        ...withWorker(9000),
        op('heartbeat', { task: '$0', run: '$1.run' }),
        { sleepS: forS },
        op('release_stale_claims'),
        statusOf,
      );
    const young = await silent(3600);
    expect([young.results[6], last(young.results)]).toEqual([
      { extended: [young.results[0]], reclaimed: [] },
      ['running'],
    ]);
    const old = await silent(3601);
    expect([old.results[6], last(old.results)]).toEqual([{ extended: [], reclaimed: [old.results[0]] }, ['ready']]);
    // The worker would have lived for 9000 s.
    expect([young.history.virtualMs, old.history.virtualMs].map((ms) => ms >= 9_000_000)).toEqual([true, false]);
  });
});

describe('detect_crashed_workers', () => {
  const dead = (code: number, after: readonly ScriptStep[] = [{ sleepS: 31 }]): readonly ScriptStep[] => [
    create(),
    claim,
    { worker: 'w', liveS: 1, code },
    op('set_worker_pid', { task: '$0', run: '$1.run', worker: 'w' }),
    ...after,
  ];
  const failures: ScriptStep = { sql: 'SELECT status, consecutive_failures FROM tasks' };
  const detect = (...exits: readonly { readonly worker: string; readonly code: number | null }[]) =>
    op('detect_crashed_workers', { exits });

  test('leaves a worker alone that lives, and one that began within 30 s', async () => {
    const living = await run(
      create(),
      claim,
      { worker: 'w', liveS: 90, code: 1 },
      op('set_worker_pid', { task: '$0', run: '$1.run', worker: 'w' }),
      { sleepS: 31 },
      detect(),
      statusOf,
    );
    expect([living.results[5], last(living.results)]).toEqual([[], ['running']]);
    const young = await run(...dead(1, [{ sleepS: 29 }]), detect({ worker: 'w', code: 1 }), statusOf);
    expect([young.results[5], last(young.results)]).toEqual([[], ['running']]);
  });

  test.each([
    ['code 1', [{ worker: 'w', code: 1 }]],
    ['a signal', [{ worker: 'w', code: null }]],
    ['an end that nobody here has seen', []],
  ])('%s is a crash: ready again, one failure counted', async (_, exits) => {
    const { results, history } = await run(...dead(1), detect(...exits), failures, runs, kinds);
    expect(results[5]).toEqual([results[0]]);
    expect([flat(results[6]), flat(results[7])]).toEqual([
      ['ready', 1],
      ['crashed', 'crashed', 1],
    ]);
    expect(last(results)).toEqual(['created', 'claimed', 'spawned', 'crashed']);
    expect(observed(history, 'run-ended')).toEqual([{ task: results[0], run: 1, outcome: 'crashed', by: 'd' }]);
  });

  test('the second failure in a row blocks the task', async () => {
    const { results } = await run(
      ...dead(1),
      detect({ worker: 'w', code: 1 }),
      op('claim_task', task),
      { worker: 'w2', liveS: 1, code: 1 },
      op('set_worker_pid', { task: '$0', run: '$6.run', worker: 'w2' }),
      { sleepS: 31 },
      detect({ worker: 'w2', code: 1 }),
      failures,
      kinds,
    );
    expect(flat(results[11])).toEqual(['blocked', 2]);
    expect(last(results).slice(-2)).toEqual(['crashed', 'gave_up']);
  });

  test('code 0 is a protocol violation: blocked at once', async () => {
    const { results } = await run(...dead(0), detect({ worker: 'w', code: 0 }), failures, runs, kinds);
    expect([flat(results[6]), flat(results[7])]).toEqual([
      ['blocked', 1],
      ['crashed', 'crashed', 1],
    ]);
    expect(last(results)).toEqual(['created', 'claimed', 'spawned', 'protocol_violation', 'gave_up']);
  });

  test('code 75 is the provider’s quota: ready again, nothing counted', async () => {
    const { results } = await run(...dead(75), detect({ worker: 'w', code: 75 }), failures, runs, kinds);
    expect([flat(results[6]), flat(results[7])]).toEqual([
      ['ready', 0],
      ['rate_limited', 'rate_limited', 1],
    ]);
    expect(last(results)).toEqual(['created', 'claimed', 'spawned', 'rate_limited']);
  });
});

describe('enforce_max_runtime', () => {
  const begun = [
    create({}, { maxRuntimeSeconds: 60 }),
    claim,
    op('set_worker_pid', { task: '$0', run: '$1.run', worker: 'w' }),
  ];

  test('lists who is over time, from the start of the attempt', async () => {
    const { results } = await run(
      ...begun,
      { sleepS: 59 },
      op('over_time_workers'),
      { sleepS: 1 },
      op('over_time_workers'),
    );
    expect(results[4]).toEqual([]);
    expect(results[6]).toEqual([{ task: results[0], worker: 'w', elapsedSeconds: 60, limitSeconds: 60 }]);
  });

  test('records the end: ready again, a failure counted, once', async () => {
    const over = { task: '$0', worker: 'w', elapsedSeconds: 60, limitSeconds: 60 };
    const { results, history } = await run(
      ...begun,
      op('enforce_max_runtime', over),
      op('enforce_max_runtime', over),
      { sql: 'SELECT status, consecutive_failures FROM tasks' },
      runs,
      kinds,
    );
    expect([results[3], results[4]]).toEqual([true, false]);
    expect([flat(results[5]), flat(results[6])]).toEqual([
      ['ready', 1],
      ['timed_out', 'timed_out', 1],
    ]);
    expect(last(results)).toEqual(['created', 'claimed', 'spawned', 'timed_out']);
    expect(observed(history, 'run-ended')).toEqual([{ task: results[0], run: 1, outcome: 'timed_out', by: 'd' }]);
  });
});

test('set_worker_pid is observed as spawned', async () => {
  const { results, history } = await run(
    create(),
    claim,
    op('set_worker_pid', { task: '$0', run: '$1.run', worker: 'w' }),
    {
      sql: 'SELECT tasks.worker_pid AS of_task, task_runs.worker_pid AS of_run FROM tasks, task_runs',
    },
  );
  expect(last(results)).toEqual(['w', 'w']);
  expect(observed(history, 'spawned')).toEqual([{ task: results[0], run: 1, worker: 'w', by: 'd' }]);
});

test('spawn_failed gives the claim back once, then blocks the task', async () => {
  const failed = (claimed: number) =>
    op('spawn_failed', { task: '$0', run: `$${claimed}.run`, error: 'no such profile' });
  const { results, history } = await run(
    create(),
    claim,
    failed(1),
    { sql: 'SELECT status, claim_lock, consecutive_failures, last_failure_error FROM tasks' },
    claim,
    failed(4),
    statusOf,
    runs,
    kinds,
  );
  expect([results[2], results[5]]).toEqual(['ready', 'blocked']);
  expect([flat(results[3]), flat(results[6])]).toEqual([['ready', null, 1, 'no such profile'], ['blocked']]);
  expect(flat(results[7])).toEqual(['spawn_failed', 'spawn_failed', 1, 'gave_up', 'gave_up', 1]);
  expect(last(results)).toEqual(['created', 'claimed', 'spawn_failed', 'claimed', 'gave_up']);
  expect(observed(history, 'run-ended').map((data) => (data as { readonly outcome: string }).outcome)).toEqual([
    'spawn_failed',
    'gave_up',
  ]);
});

describe('subscriptions', () => {
  const sub = { task: '$0', chat: 'c' };
  const subscribe = op('add_notify_sub', { ...sub, profile: 'p' });
  const unseen = op('claim_unseen_events_for_sub', sub);
  const complete = op('complete_task', { task: '$0', run: null });

  test('a chat hears of the end of its task once, and of nothing else', async () => {
    const { results } = await run(create(), subscribe, subscribe, unseen, claim, complete, unseen, unseen);
    expect(results[3]).toEqual({ before: 0, after: 0, events: [] });
    const { after, events } = results[6] as unknown as { readonly after: number; readonly events: readonly Json[] };
    expect(events).toEqual([{ event: after, kind: 'completed' }]);
    expect(results[7]).toEqual({ before: after, after, events: [] });
  });

  test('what could not be delivered is rewound, unless the cursor has moved on', async () => {
    const { results } = await run(
      create(),
      subscribe,
      complete,
      unseen,
      op('rewind_notify_cursor', { ...sub, claimed: '$3.after', to: '$3.before' }),
      unseen,
      op('advance_notify_cursor', { ...sub, to: 99 }),
      op('rewind_notify_cursor', { ...sub, claimed: '$3.after', to: '$3.before' }),
      unseen,
    );
    expect([results[4], results[7]]).toEqual([true, false]);
    expect(results[5]).toEqual(results[3]);
    expect(results[8]).toEqual({ before: 99, after: 99, events: [] });
  });

  test('are listed by profile, and go when they are removed', async () => {
    const { results } = await run(
      create(),
      subscribe,
      op('list_notify_subs', { profile: 'p' }),
      op('list_notify_subs', { profile: 'q' }),
      op('list_notify_subs', { profile: null }),
      op('remove_notify_sub', sub),
      op('remove_notify_sub', sub),
      unseen,
    );
    const one = [{ task: results[0], chat: 'c', profile: 'p' }];
    expect(results.slice(2)).toEqual([one, [], one, true, false, { before: 0, after: 0, events: [] }]);
  });
});

test('budget_usage counts attempts', async () => {
  const { results } = await run(
    create(),
    create(),
    claim,
    op('claim_task', { task: '$1' }),
    op('complete_task', { task: '$1', run: '$3.run' }),
    op('budget_usage'),
  );
  expect(results[5]).toEqual({ runs: 2, running: 1 });
});

test('gc removes the old events of finished tasks, and of no others', async () => {
  const args = {
    board: settingsFor('wal'),
    steps: [
      create(),
      create(),
      op('complete_task', { task: '$0', run: null }),
      { sleepS: 100 },
      op('add_comment', { task: '$0', run: null }),
      op('gc', { olderThanSeconds: 50 }),
      kinds,
    ],
  } as unknown as Json;
  const scenario = onFreshBoard(scenarioOf([start('d', 'script', args)]), module, 'wal');
  const results = observed(await coordinator.run(scenario, planOf()), 'result');
  expect(results[5]).toBe(2);
  expect(last(results)).toEqual(['created', 'commented']);
});
