// The dispatcher's statements: who holds a task, until when, and which task is next. What stays out: the order of a tick
// (gateway/dispatcher.ts) and starting workers.
import type { Connection, World } from '../../harness/lane/world.ts';
import { during } from './board-error.ts';
import { appendEvent } from './events.ts';
import { newMark, seconds, writeTxn } from './write-txn.ts';

/** HERMES_KANBAN_CLAIM_TTL_SECONDS. */
const claimTtlSeconds = 900;

/** A task that this dispatcher has claimed, and the run that began with it. */
export interface Claim {
  readonly task: string;
  readonly run: number;
}

/**
 * `release_stale_claims`, the first statement of every tick: a claim that has run out goes back to ready, or is extended
 * while its worker lives.
 */
export function releaseStaleClaims(world: World, connection: Connection): void {
  const stale = during('release_stale_claims', () =>
    connection.all(
      "SELECT id, worker_pid, current_run_id FROM tasks WHERE status = 'running' AND claim_expires < ?",
      seconds(world),
    ),
  );
  for (const row of stale) {
    const task = String(row['id']);
    const run = row['current_run_id'] === null ? undefined : Number(row['current_run_id']);
    const worker = row['worker_pid'];
    const lives = typeof worker === 'string' && world.poll(worker) === undefined;
    writeTxn(world, connection, 'release_stale_claims', (ledger) => {
      if (lives) {
        connection.run('UPDATE tasks SET claim_expires = ? WHERE id = ?', seconds(world) + claimTtlSeconds, task);
        appendEvent(world, connection, ledger, { task, run, kind: 'claim_extended' });
        return;
      }
      connection.run(
        `UPDATE tasks SET status = 'ready', claim_lock = NULL, claim_expires = NULL, worker_pid = NULL,
         current_run_id = NULL WHERE id = ? AND status = 'running'`,
        task,
      );
      const outcome = "UPDATE task_runs SET status = 'reclaimed', outcome = 'reclaimed', ended_at = ? WHERE id = ?";
      connection.run(outcome, seconds(world), run ?? null);
      appendEvent(world, connection, ledger, { task, run, kind: 'reclaimed' });
    });
  }
}

/** `recompute_ready`: a todo task whose parents are all done becomes ready. */
export function recomputeReady(world: World, connection: Connection): void {
  writeTxn(world, connection, 'recompute_ready', (ledger) => {
    const promoted = connection.all(
      `SELECT id FROM tasks WHERE status = 'todo' AND NOT EXISTS (SELECT 1 FROM task_links JOIN tasks AS parent
       ON parent.id = parent_id WHERE child_id = tasks.id AND parent.status NOT IN ('done', 'archived'))`,
    );
    for (const { id } of promoted) {
      connection.run("UPDATE tasks SET status = 'ready' WHERE id = ?", String(id));
      appendEvent(world, connection, ledger, { task: String(id), kind: 'promoted' });
    }
  });
}

/** Tasks that nobody holds, in the order in which they are given out. */
export function readyTasks(connection: Connection): readonly string[] {
  return during('dispatch_once ready', () =>
    connection
      .all("SELECT id FROM tasks WHERE status = 'ready' AND claim_lock IS NULL ORDER BY priority DESC, created_at")
      .map(({ id }) => String(id)),
  );
}

/** `claim_task`: compare and swap on status and claim_lock. Result: undefined when another dispatcher was first. */
export function claimTask(world: World, connection: Connection, task: string): Claim | undefined {
  return writeTxn(world, connection, 'claim_task', (ledger) => {
    const now = seconds(world);
    const lock = `host:${world.process}`;
    const { changes } = connection.run(
      `UPDATE tasks SET status = 'running', claim_lock = ?, claim_expires = ?, started_at = ?
       WHERE id = ? AND status = 'ready' AND claim_lock IS NULL`,
      lock,
      now + claimTtlSeconds,
      now,
      task,
    );
    if (changes !== 1) return undefined;
    const mark = newMark(world);
    const { lastInsertRowid: run } = connection.run(
      `INSERT INTO task_runs(task_id, profile, status, claim_lock, claim_expires, started_at, metadata)
       VALUES(?, 'verifier', 'running', ?, ?, ?, ?)`,
      task,
      lock,
      now + claimTtlSeconds,
      now,
      JSON.stringify({ mark }),
    );
    ledger.add('run', mark);
    connection.run('UPDATE tasks SET current_run_id = ? WHERE id = ?', run, task);
    appendEvent(world, connection, ledger, { task, run, kind: 'claimed' });
    return { task, run };
  });
}

/** `_set_worker_pid`: the worker's logical name stands where the reported system has a process id. */
export function setWorkerPid(world: World, connection: Connection, { task, run }: Claim, worker: string): void {
  writeTxn(world, connection, '_set_worker_pid', (ledger) => {
    connection.run('UPDATE tasks SET worker_pid = ? WHERE id = ?', worker, task);
    connection.run('UPDATE task_runs SET worker_pid = ? WHERE id = ?', worker, run);
    appendEvent(world, connection, ledger, { task, run, kind: 'spawned' });
  });
}
