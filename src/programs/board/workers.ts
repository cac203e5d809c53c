// What the dispatcher writes about the workers that it started: their pids, their crashes, their overtime. What stays out:
// starting, waiting for and ending them (gateway/).
import { during } from '../../board-file/board-error.ts';
import type { Claim } from './claims.ts';
import type { BoardContext } from './context.ts';
import { appendEvent } from './events.ts';
import { isAlive, isHostLocal } from './host.ts';
import { endRun, numberOrNull, type Outcome, recordTaskFailure } from './runs.ts';
import { seconds, writeTxn } from './write-txn.ts';

/** A worker younger than this may not have begun to be seen: it is not looked for. */
const crashGraceSeconds = 30;
/** KANBAN_RATE_LIMIT_EXIT_CODE: the provider's quota, not the task's fault. */
const rateLimitExitCode = 75;

/** `_set_worker_pid`. */
export function setWorkerPid(context: BoardContext, { task, run, worker }: Claim & { readonly worker: string }): null {
  const { connection, by } = context;
  writeTxn(context, '_set_worker_pid', (ledger) => {
    connection.run('UPDATE tasks SET worker_pid = ? WHERE id = ?', worker, task);
    connection.run('UPDATE task_runs SET worker_pid = ? WHERE id = ?', worker, run);
    appendEvent(context, ledger, { task, run, kind: 'spawned' });
    ledger.afterwards('spawned', { task, run, worker, by });
  });
  return null;
}

/** A worker could not be started: the claim is given back, the failure counts. Result: the task's status. */
export function spawnFailed(
  context: BoardContext,
  { task, error }: Claim & { readonly error: string },
): 'ready' | 'blocked' {
  return recordTaskFailure(context, task, { error, failing: 'ends the run' }) ? 'blocked' : 'ready';
}

/**
 * How a child of the dispatcher ended, as waitpid told it: its exit code, or null when a signal ended it. Of the workers
 * that another dispatcher started it knows nothing.
 */
export interface WorkerExit {
  readonly worker: string;
  readonly code: number | null;
}

/** What a dead worker means. @property limit failures that it takes to block the task; undefined: it is none */
interface Death {
  readonly kind: 'protocol_violation' | 'rate_limited' | 'crashed';
  readonly outcome: Outcome;
  readonly error: string;
  readonly failure: { readonly limit?: number } | undefined;
}

/** `_classify_worker_exit`. @param code undefined when nobody here has seen the worker end */
function deathOf(worker: string, code: number | null | undefined): Death {
  switch (code) {
    case 0:
      return {
        kind: 'protocol_violation',
        outcome: 'crashed',
        error: 'worker exited cleanly (rc=0) without calling kanban_complete or kanban_block: protocol violation',
        failure: { limit: 1 },
      };
    case rateLimitExitCode:
      return { kind: 'rate_limited', outcome: 'rate_limited', error: 'rate limited', failure: undefined };
    default:
      return { kind: 'crashed', outcome: 'crashed', error: `${worker} not alive`, failure: {} };
  }
}

/**
 * `detect_crashed_workers`: a running task whose worker is dead goes back to ready, all of them in one transaction; then
 * each failure is counted in a transaction of its own.
 *
 * @returns the tasks
 */
export function detectCrashedWorkers(
  context: BoardContext,
  { exits }: { readonly exits: readonly WorkerExit[] },
): readonly string[] {
  const { world, connection } = context;
  const codes = new Map(exits.map(({ worker, code }) => [worker, code]));
  const dead = writeTxn(context, 'detect_crashed_workers', (ledger) => {
    const rows = connection
      .all(
        `SELECT tasks.id, tasks.worker_pid, tasks.claim_lock, COALESCE(task_runs.started_at, tasks.started_at) AS began
         FROM tasks LEFT JOIN task_runs ON task_runs.id = current_run_id
         WHERE tasks.status = 'running' AND tasks.worker_pid IS NOT NULL`,
      )
      .filter(
        (row) =>
          isHostLocal(row['claim_lock']) &&
          !isAlive(world, row['worker_pid']) &&
          seconds(world) - Number(row['began']) >= crashGraceSeconds,
      );
    return rows.map((row) => {
      const task = String(row['id']);
      const worker = String(row['worker_pid']);
      const death = deathOf(worker, codes.get(worker));
      connection.run(
        `UPDATE tasks SET status = 'ready', claim_lock = NULL, claim_expires = NULL, worker_pid = NULL
         WHERE id = ? AND status = 'running'`,
        task,
      );
      const run = endRun(context, ledger, task, death);
      appendEvent(context, ledger, { task, run, kind: death.kind });
      return { task, death };
    });
  });
  for (const { task, death } of dead) {
    if (death.failure !== undefined)
      recordTaskFailure(context, task, { error: death.error, failing: 'over', ...death.failure });
  }
  return dead.map(({ task }) => task);
}

/** A worker that has run longer than its task allows. */
export interface OverTime {
  readonly task: string;
  readonly worker: string;
  readonly elapsedSeconds: number;
  readonly limitSeconds: number;
}

/** First part of `enforce_max_runtime`: whom to end. The caller ends them, outside any transaction. */
export function overTimeWorkers({ world, connection }: BoardContext): readonly OverTime[] {
  const rows = during('enforce_max_runtime', () =>
    connection.all(
      `SELECT tasks.id, tasks.worker_pid, tasks.claim_lock, tasks.max_runtime_seconds,
       COALESCE(task_runs.started_at, tasks.started_at) AS began
       FROM tasks LEFT JOIN task_runs ON task_runs.id = current_run_id
       WHERE tasks.status = 'running' AND tasks.max_runtime_seconds IS NOT NULL AND tasks.worker_pid IS NOT NULL`,
    ),
  );
  return rows
    .filter((row) => isHostLocal(row['claim_lock']))
    .map((row) => ({
      task: String(row['id']),
      worker: String(row['worker_pid']),
      elapsedSeconds: seconds(world) - Number(row['began']),
      limitSeconds: Number(row['max_runtime_seconds']),
    }))
    .filter(({ elapsedSeconds, limitSeconds }) => elapsedSeconds >= limitSeconds);
}

/** Second part of `enforce_max_runtime`, for one of them. Result: false when the task is not running any more. */
export function recordTimedOut(context: BoardContext, { task, elapsedSeconds, limitSeconds }: OverTime): boolean {
  const { connection } = context;
  const error = `elapsed ${elapsedSeconds}s > limit ${limitSeconds}s`;
  const isTimedOut = writeTxn(context, 'enforce_max_runtime', (ledger) => {
    const { changes } = connection.run(
      `UPDATE tasks SET status = 'ready', claim_lock = NULL, claim_expires = NULL, worker_pid = NULL,
       last_heartbeat_at = NULL WHERE id = ? AND status = 'running'`,
      task,
    );
    if (changes === 0) return false;
    const run = endRun(context, ledger, task, { outcome: 'timed_out', error });
    appendEvent(context, ledger, { task, run, kind: 'timed_out' });
    return true;
  });
  if (isTimedOut) recordTaskFailure(context, task, { error, failing: 'over' });
  return isTimedOut;
}

/** How many attempts there have been, and how many are running: what the budget watcher reads. */
export interface BudgetUsage {
  readonly runs: number;
  readonly running: number;
}

/** The budget watcher's look at the board: reads only. */
export function budgetUsage({ connection }: BoardContext): BudgetUsage {
  const row = during('budget_usage', () =>
    connection.get("SELECT count(*) AS runs, count(*) FILTER (WHERE status = 'running') AS running FROM task_runs"),
  );
  return { runs: numberOrNull(row?.['runs']) ?? 0, running: numberOrNull(row?.['running']) ?? 0 };
}
