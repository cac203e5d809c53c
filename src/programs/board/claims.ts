// Who holds a task, until when, and which task is next. What stays out: the order of a tick (gateway/), dead workers
// (workers.ts), and starting workers.
import type { SqlValue } from '../../../harness/lane/world.ts';
import { terminate, workerLooks } from '../process/terminate.ts';
import { during } from '../../board-file/board-error.ts';
import type { BoardContext } from './context.ts';
import { appendEvent } from './events.ts';
import { endRun, numberOrNull, openRun } from './runs.ts';
import { isAlive, isHostLocal, lockOf } from './host.ts';
import { seconds, writeTxn } from './write-txn.ts';

/** HERMES_KANBAN_CLAIM_TTL_SECONDS. */
export const claimTtlSeconds = 900;
/** A worker that lives but has not been heard of for so long is stuck. */
const heartbeatMaxAgeSeconds = 3600;

/** A task that a dispatcher has claimed, and the run that began with it. */
export interface Claim {
  readonly task: string;
  readonly run: number;
}

/** What `release_stale_claims` did, by task. */
export interface Released {
  readonly extended: readonly string[];
  readonly reclaimed: readonly string[];
}

/**
 * `release_stale_claims`, the first statement of every tick. A claim that has run out is extended while its worker lives
 * on this host and has been heard of within the hour; else the worker is ended and the task goes back to ready.
 */
export function releaseStaleClaims(context: BoardContext): Released {
  const { world, connection } = context;
  const by = 'release_stale_claims';
  const stale = during(by, () =>
    connection.all(
      `SELECT id, worker_pid, claim_lock, last_heartbeat_at FROM tasks
       WHERE status = 'running' AND claim_expires IS NOT NULL AND claim_expires < ?`,
      seconds(world),
    ),
  );
  const extended: string[] = [];
  const reclaimed: string[] = [];
  for (const row of stale) {
    const task = String(row['id']);
    const claimLock = row['claim_lock'] ?? null;
    const worker = isHostLocal(claimLock) ? row['worker_pid'] : null;
    const heard = numberOrNull(row['last_heartbeat_at']);
    const isStuck = heard !== null && seconds(world) - heard > heartbeatMaxAgeSeconds;
    if (isAlive(world, worker) && !isStuck) {
      if (extendClaim(context, task, claimLock)) extended.push(task);
      continue;
    }
    // `_terminate_reclaimed_worker`
    if (typeof worker === 'string') terminate(world, worker, workerLooks);
    const isReclaimed = writeTxn(context, by, (ledger) => {
      const { changes } = connection.run(
        `UPDATE tasks SET status = 'ready', claim_lock = NULL, claim_expires = NULL, worker_pid = NULL
         WHERE id = ? AND status = 'running' AND claim_lock IS ?`,
        task,
        claimLock,
      );
      if (changes === 0) return false;
      const run = endRun(context, ledger, task, { outcome: 'reclaimed', error: `stale_lock=${String(claimLock)}` });
      appendEvent(context, ledger, { task, run, kind: 'reclaimed' });
      return true;
    });
    if (isReclaimed) reclaimed.push(task);
  }
  return { extended, reclaimed };
}

function extendClaim(context: BoardContext, task: string, claimLock: SqlValue): boolean {
  const { world, connection } = context;
  return writeTxn(context, 'release_stale_claims', (ledger) => {
    const expires = seconds(world) + claimTtlSeconds;
    const { changes } = connection.run(
      "UPDATE tasks SET claim_expires = ? WHERE id = ? AND status = 'running' AND claim_lock IS ?",
      expires,
      task,
      claimLock,
    );
    if (changes === 0) return false;
    const run = numberOrNull(connection.get('SELECT current_run_id AS run FROM tasks WHERE id = ?', task)?.['run']);
    connection.run('UPDATE task_runs SET claim_expires = ? WHERE id = ?', expires, run);
    appendEvent(context, ledger, { task, run, kind: 'claim_extended' });
    return true;
  });
}

/** A parent of `child_id` that is not done yet. */
const undoneParent = `SELECT 1 FROM task_links JOIN tasks AS parent ON parent.id = parent_id
  WHERE child_id = tasks.id AND parent.status NOT IN ('done', 'archived')`;

/** `recompute_ready`: a todo task whose parents are all done becomes ready. Result: how many did. */
export function recomputeReady(context: BoardContext): number {
  const { connection } = context;
  return writeTxn(context, 'recompute_ready', (ledger) => {
    const promoted = connection.all(`SELECT id FROM tasks WHERE status = 'todo' AND NOT EXISTS (${undoneParent})`);
    for (const { id } of promoted) {
      connection.run("UPDATE tasks SET status = 'ready' WHERE id = ?", String(id));
      appendEvent(context, ledger, { task: String(id), kind: 'promoted' });
    }
    return promoted.length;
  });
}

/** Tasks that nobody holds, in the order in which they are given out. */
export function readyTasks({ connection }: BoardContext): readonly string[] {
  return during('dispatch_once ready', () =>
    connection
      .all("SELECT id FROM tasks WHERE status = 'ready' AND claim_lock IS NULL ORDER BY priority DESC, created_at")
      .map(({ id }) => String(id)),
  );
}

/**
 * `claim_task`: compare and swap on status and claim_lock, then `set_workspace_path` in a transaction of its own. A task
 * below an undone parent is sent back to todo.
 *
 * @returns null when another dispatcher was first, or the task may not run yet
 */
export function claimTask(context: BoardContext, { task }: { readonly task: string }): Claim | null {
  const { world, connection, by } = context;
  const claim = writeTxn(context, 'claim_task', (ledger) => {
    if (connection.get(`SELECT 1 FROM tasks WHERE id = ? AND EXISTS (${undoneParent})`, task) !== undefined) {
      connection.run("UPDATE tasks SET status = 'todo' WHERE id = ? AND status = 'ready'", task);
      appendEvent(context, ledger, { task, kind: 'claim_rejected' });
      return null;
    }
    const expires = seconds(world) + claimTtlSeconds;
    const lock = lockOf(by);
    const { changes } = connection.run(
      `UPDATE tasks SET status = 'running', claim_lock = ?, claim_expires = ?, started_at = COALESCE(started_at, ?)
       WHERE id = ? AND status = 'ready' AND claim_lock IS NULL`,
      lock,
      expires,
      seconds(world),
      task,
    );
    if (changes !== 1) return null;
    const run = openRun(context, ledger, { task, lock, expires });
    appendEvent(context, ledger, { task, run, kind: 'claimed' });
    ledger.afterwards('claimed', { task, run, by });
    return { task, run };
  });
  if (claim === null) return null;
  writeTxn(context, 'set_workspace_path', () => {
    connection.run('UPDATE tasks SET workspace_path = ? WHERE id = ?', `kanban/workspaces/${task}`, task);
  });
  return claim;
}
