// What is done to one task from outside the dispatcher: create, show, heartbeat, comment, complete, block. What stays
// out: claims (claims.ts), and the connection, which every caller opens for one call.
import type { Connection, World } from '../../harness/lane/world.ts';
import { BoardError, during } from './board-error.ts';
import { appendEvent } from './events.ts';
import { newMark, seconds, writeTxn } from './write-txn.ts';

const claimTtlSeconds = 900;

/**
 * What a task asks of its worker; it travels in tasks.body.
 *
 * @property thinkMs between two tool calls
 * @property heartbeats how many tool calls come before the verdict; each reports life
 */
export interface TaskOrder {
  readonly thinkMs: number;
  readonly heartbeats: number;
  readonly verdict: 'complete' | 'block';
}

/** `create_task`: ready at once, or todo below a parent. Result: the id, `t_` and 8 hex digits. */
export function createTask(world: World, connection: Connection, order: TaskOrder, parent?: string): string {
  return writeTxn(world, connection, 'create_task', (ledger) => {
    const id = `t_${newMark(world)}`;
    connection.run(
      `INSERT INTO tasks(id, title, body, assignee, status, priority, created_by, created_at)
       VALUES(?, ?, ?, 'verifier', ?, 0, ?, ?)`,
      id,
      `Verify ${id}`,
      JSON.stringify(order),
      parent === undefined ? 'ready' : 'todo',
      world.process,
      seconds(world),
    );
    ledger.add('task', id);
    if (parent !== undefined) connection.run('INSERT INTO task_links(parent_id, child_id) VALUES(?, ?)', parent, id);
    appendEvent(world, connection, ledger, { task: id, kind: 'created' });
    return id;
  });
}

/** `kanban_show`: the task with its comments, events and runs. Result: what it orders. */
export function showTask(connection: Connection, task: string): TaskOrder {
  return during('kanban_show', () => {
    const row = connection.get('SELECT * FROM tasks WHERE id = ?', task);
    connection.all('SELECT * FROM task_comments WHERE task_id = ? ORDER BY created_at', task);
    connection.all('SELECT * FROM task_events WHERE task_id = ? ORDER BY created_at', task);
    connection.all('SELECT * FROM task_runs WHERE task_id = ? ORDER BY started_at', task);
    if (row === undefined) throw new BoardError('NO_SUCH_TASK', 'kanban_show', `There is no task ${task}`);
    return JSON.parse(String(row['body'])) as TaskOrder;
  });
}

/** The worker's automatic heartbeat: `heartbeat_claim` and `heartbeat_worker`, a transaction each. */
export function heartbeat(world: World, connection: Connection, task: string, run: number): void {
  const now = seconds(world);
  writeTxn(world, connection, 'heartbeat_claim', () => {
    connection.run(
      "UPDATE tasks SET claim_expires = ? WHERE id = ? AND status = 'running'",
      now + claimTtlSeconds,
      task,
    );
    connection.run('UPDATE task_runs SET claim_expires = ? WHERE id = ?', now + claimTtlSeconds, run);
  });
  writeTxn(world, connection, 'heartbeat_worker', (ledger) => {
    connection.run('UPDATE tasks SET last_heartbeat_at = ? WHERE id = ?', now, task);
    connection.run('UPDATE task_runs SET last_heartbeat_at = ? WHERE id = ?', now, run);
    appendEvent(world, connection, ledger, { task, run, kind: 'heartbeat' });
  });
}

/** `add_comment`. */
export function addComment(world: World, connection: Connection, task: string, run: number): void {
  writeTxn(world, connection, 'add_comment', (ledger) => {
    const mark = newMark(world);
    connection.run(
      'INSERT INTO task_comments(task_id, author, body, created_at) VALUES(?, ?, ?, ?)',
      task,
      world.process,
      `Checked the acceptance criteria of ${task}, evidence ${mark}`,
      seconds(world),
    );
    ledger.add('comment', mark);
    appendEvent(world, connection, ledger, { task, run, kind: 'commented' });
  });
}

const endings = {
  complete: { by: 'complete_task', status: 'done', outcome: 'completed' },
  block: { by: 'block_task', status: 'blocked', outcome: 'blocked' },
} as const;

/** `complete_task` or `block_task`: ends the run and the claim. Result: false when the task was not running any more. */
export function endTask(
  world: World,
  connection: Connection,
  { task, run, verdict }: { readonly task: string; readonly run: number; readonly verdict: TaskOrder['verdict'] },
): boolean {
  const { by, status, outcome } = endings[verdict];
  return writeTxn(world, connection, by, (ledger) => {
    const now = seconds(world);
    const { changes } = connection.run(
      `UPDATE tasks SET status = ?, completed_at = ?, claim_lock = NULL, claim_expires = NULL, worker_pid = NULL,
       current_run_id = NULL WHERE id = ? AND status = 'running'`,
      status,
      now,
      task,
    );
    if (changes === 0) return false;
    connection.run(
      'UPDATE task_runs SET status = ?, outcome = ?, ended_at = ? WHERE id = ?',
      outcome,
      outcome,
      now,
      run,
    );
    appendEvent(world, connection, ledger, { task, run, kind: outcome });
    return true;
  });
}
