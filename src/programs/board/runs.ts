// task_runs: one row an attempt, from the claim to its end, and the breaker that counts failed attempts. What stays out:
// who finds out that an attempt has ended (claims.ts, workers.ts, tasks.ts).
import type { SqlValue } from '../../../harness/lane/world.ts';
import type { BoardContext } from './context.ts';
import { appendEvent } from './events.ts';
import { type Ledger, newMark, seconds, writeTxn } from './write-txn.ts';

/** How an attempt can end: task_runs.outcome. */
export type Outcome =
  | 'completed'
  | 'blocked'
  | 'crashed'
  | 'timed_out'
  | 'spawn_failed'
  | 'gave_up'
  | 'reclaimed'
  | 'rate_limited';

/** Consecutive failures at which a task is blocked (kanban.failure_limit). */
const failureLimit = 2;

/** Number of a column that may be NULL. */
export function numberOrNull(value: SqlValue | undefined): number | null {
  return value === null || value === undefined ? null : Number(value);
}

/** Opens the attempt that a claim begins. Result: its number. */
export function openRun(
  { world, connection }: BoardContext,
  ledger: Ledger,
  { task, lock, expires }: { readonly task: string; readonly lock: string; readonly expires: number },
): number {
  const mark = newMark(world);
  const { lastInsertRowid: run } = connection.run(
    `INSERT INTO task_runs(task_id, profile, status, claim_lock, claim_expires, max_runtime_seconds, started_at, metadata)
     SELECT id, assignee, 'running', ?, ?, max_runtime_seconds, ?, ? FROM tasks WHERE id = ?`,
    lock,
    expires,
    seconds(world),
    JSON.stringify({ mark }),
    task,
  );
  ledger.add('run', mark);
  connection.run('UPDATE tasks SET current_run_id = ? WHERE id = ?', run, task);
  return run;
}

/** `_end_run`: closes the task's current attempt. Result: its number, or null when there is none. */
export function endRun(
  { world, connection, by }: BoardContext,
  ledger: Ledger,
  task: string,
  { outcome, error }: { readonly outcome: Outcome; readonly error?: string },
): number | null {
  const found = connection.get('SELECT current_run_id FROM tasks WHERE id = ?', task);
  const run = numberOrNull(found?.['current_run_id']);
  if (run === null) return null;
  const { changes } = connection.run(
    `UPDATE task_runs SET status = ?, outcome = ?, error = ?, ended_at = ?, claim_lock = NULL, claim_expires = NULL,
     worker_pid = NULL WHERE id = ? AND ended_at IS NULL`,
    outcome === 'completed' ? 'done' : outcome,
    outcome,
    error ?? null,
    seconds(world),
    run,
  );
  connection.run('UPDATE tasks SET current_run_id = NULL WHERE id = ?', task);
  if (changes === 1) ledger.afterwards('run-ended', { task, run, outcome, by });
  return run;
}

/** `_synthesize_ended_run`: an attempt of no duration, for a task that ends without having been claimed. */
export function synthesizeEndedRun(
  { world, connection, by }: BoardContext,
  ledger: Ledger,
  task: string,
  outcome: Outcome,
): number {
  const mark = newMark(world);
  const now = seconds(world);
  const { lastInsertRowid: run } = connection.run(
    `INSERT INTO task_runs(task_id, profile, status, outcome, started_at, ended_at, metadata)
     SELECT id, assignee, ?, ?, ?, ?, ? FROM tasks WHERE id = ?`,
    outcome,
    outcome,
    now,
    now,
    JSON.stringify({ mark }),
    task,
  );
  ledger.add('run', mark);
  ledger.afterwards('run-ended', { task, run, outcome, by });
  return run;
}

/** What a failure does to the claim: nothing any more, since the attempt is over · it ends attempt and claim. */
type Failing = 'over' | 'ends the run';

/**
 * `_record_task_failure`, a transaction of its own: counts, and blocks the task when the limit is reached. Between the end
 * of an attempt and this another dispatcher may have claimed the task again; it is blocked all the same, as reported.
 *
 * @param limit 1 where one failure is enough (protocol violation)
 * @returns true when the task has been blocked
 */
export function recordTaskFailure(
  context: BoardContext,
  task: string,
  {
    error,
    failing,
    limit = failureLimit,
  }: { readonly error: string; readonly failing: Failing; readonly limit?: number },
): boolean {
  const { connection } = context;
  return writeTxn(context, '_record_task_failure', (ledger) => {
    const row = connection.get('SELECT consecutive_failures FROM tasks WHERE id = ?', task);
    const failures = Number(row?.['consecutive_failures'] ?? 0) + 1;
    const isBlocked = failures >= limit;
    connection.run(
      'UPDATE tasks SET consecutive_failures = ?, last_failure_error = ? WHERE id = ?',
      failures,
      error,
      task,
    );
    if (isBlocked)
      connection.run("UPDATE tasks SET status = 'blocked' WHERE id = ? AND status IN ('ready', 'running')", task);
    let run: number | null = null;
    if (failing === 'ends the run') {
      connection.run(
        `UPDATE tasks SET status = CASE status WHEN 'running' THEN 'ready' ELSE status END, claim_lock = NULL,
         claim_expires = NULL, worker_pid = NULL WHERE id = ?`,
        task,
      );
      run = endRun(context, ledger, task, { outcome: isBlocked ? 'gave_up' : 'spawn_failed', error });
    }
    if (isBlocked) appendEvent(context, ledger, { task, run, kind: 'gave_up' });
    else if (failing === 'ends the run') appendEvent(context, ledger, { task, run, kind: 'spawn_failed' });
    return isBlocked;
  });
}
