// What is done to one task from outside the dispatcher: create, link, show, list, heartbeat, comment, complete, block.
// What stays out: claims (claims.ts), dead workers (workers.ts), and the connection.
import { BoardError, boardCode, during } from '../../board-file/board-error.ts';
import { claimTtlSeconds, recomputeReady } from './claims.ts';
import type { BoardContext } from './context.ts';
import { appendEvent } from './events.ts';
import { endRun, numberOrNull, synthesizeEndedRun } from './runs.ts';
import { newMark, seconds, writeTxn } from './write-txn.ts';

/**
 * What a task asks of its worker; it travels in tasks.body, JSON.
 *
 * @property thinkMs between two tool calls
 * @property heartbeats how many tool calls come before the verdict; each reports life
 * @property verdict how the worker ends: complete and block say so on the board; exit leaves with code 0 and says nothing
 *   (a protocol violation), rate-limit with code 75; crash leaves with code 1 at once
 * @property maxRuntimeSeconds after which the dispatcher ends the worker
 */
export interface TaskOrder {
  readonly thinkMs: number;
  readonly heartbeats: number;
  readonly verdict: 'complete' | 'block' | 'exit' | 'rate-limit' | 'crash';
  readonly maxRuntimeSeconds?: number;
}

/** Which attempt wants something of a task: its number, or null for a person, who has none. */
interface OfRun {
  readonly task: string;
  readonly run: number | null;
}

/** `create_task`: ready at once, or todo below a parent that is not done. Result: the id, `t_` and 8 hex digits. */
export function createTask(
  context: BoardContext,
  { order, parent, priority = 0 }: { readonly order: TaskOrder; readonly parent?: string; readonly priority?: number },
): string {
  const { world, connection, by } = context;
  return writeTxn(context, 'create_task', (ledger) => {
    const id = `t_${newMark(world)}`;
    connection.run(
      `INSERT INTO tasks(id, title, body, assignee, status, priority, created_by, created_at, max_runtime_seconds)
       VALUES(?, ?, ?, 'verifier', 'ready', ?, ?, ?, ?)`,
      id,
      `Verify ${id}`,
      JSON.stringify(order),
      priority,
      by,
      seconds(world),
      order.maxRuntimeSeconds ?? null,
    );
    ledger.add('task', id);
    if (parent !== undefined) putBelow(context, parent, id);
    appendEvent(context, ledger, { task: id, kind: 'created' });
    return id;
  });
}

function putBelow({ connection }: BoardContext, parent: string, child: string): void {
  connection.run('INSERT OR IGNORE INTO task_links(parent_id, child_id) VALUES(?, ?)', parent, child);
  connection.run(
    `UPDATE tasks SET status = 'todo' WHERE id = ? AND status = 'ready'
     AND EXISTS (SELECT 1 FROM tasks WHERE id = ? AND status NOT IN ('done', 'archived'))`,
    child,
    parent,
  );
}

const isBelow = `WITH RECURSIVE below(id) AS (SELECT ? UNION SELECT child_id FROM task_links JOIN below ON parent_id = id)
  SELECT 1 FROM below WHERE id = ?`;

/** `link_tasks`: the child waits for the parent. Result: false where the link would make a circle. */
export function linkTasks(
  context: BoardContext,
  { parent, child }: { readonly parent: string; readonly child: string },
): boolean {
  return writeTxn(context, 'link_tasks', (ledger) => {
    if (context.connection.get(isBelow, child, parent) !== undefined) return false;
    putBelow(context, parent, child);
    appendEvent(context, ledger, { task: child, kind: 'linked' });
    return true;
  });
}

/** A task as `kanban_show` shows it. @property run its current attempt */
export interface TaskView {
  readonly task: string;
  readonly status: string;
  readonly run: number | null;
  readonly order: TaskOrder;
}

/** `kanban_show`: the task with its comments, events and runs. */
export function showTask({ connection }: BoardContext, { task }: { readonly task: string }): TaskView {
  return during('kanban_show', () => {
    const row = connection.get('SELECT * FROM tasks WHERE id = ?', task);
    connection.all('SELECT * FROM task_comments WHERE task_id = ? ORDER BY created_at', task);
    connection.all('SELECT * FROM task_events WHERE task_id = ? ORDER BY created_at', task);
    connection.all('SELECT * FROM task_runs WHERE task_id = ? ORDER BY started_at', task);
    if (row === undefined) throw new BoardError(boardCode.noSuchTask, 'kanban_show', `There is no task ${task}`);
    return {
      task,
      status: String(row['status']),
      run: numberOrNull(row['current_run_id']),
      order: JSON.parse(String(row['body'])) as TaskOrder,
    };
  });
}

/** A line of `list_tasks`. */
export interface TaskLine {
  readonly task: string;
  readonly status: string;
  readonly worker: string | null;
}

/** `list_tasks`: all, or those of one status, in the order of the board. */
export function listTasks({ connection }: BoardContext, { status }: { readonly status?: string }): readonly TaskLine[] {
  const order = 'ORDER BY priority DESC, created_at';
  const rows = during('list_tasks', () =>
    status === undefined
      ? connection.all(`SELECT id, status, worker_pid FROM tasks ${order}`)
      : connection.all(`SELECT id, status, worker_pid FROM tasks WHERE status = ? ${order}`, status),
  );
  return rows.map((row) => {
    const worker = row['worker_pid'];
    return {
      task: String(row['id']),
      status: String(row['status']),
      worker: typeof worker === 'string' ? worker : null,
    };
  });
}

/**
 * The worker's automatic heartbeat: `heartbeat_claim` and `heartbeat_worker`, a transaction each. Result: false when the
 * task is not this attempt's any more.
 */
export function heartbeat(
  context: BoardContext,
  { task, run }: { readonly task: string; readonly run: number },
): boolean {
  const { world, connection } = context;
  const now = seconds(world);
  const own = "WHERE id = ? AND status = 'running' AND current_run_id = ?";
  writeTxn(context, 'heartbeat_claim', () => {
    const expires = now + claimTtlSeconds;
    const { changes } = connection.run(`UPDATE tasks SET claim_expires = ? ${own}`, expires, task, run);
    if (changes === 1) connection.run('UPDATE task_runs SET claim_expires = ? WHERE id = ?', expires, run);
  });
  return writeTxn(context, 'heartbeat_worker', (ledger) => {
    const { changes } = connection.run(`UPDATE tasks SET last_heartbeat_at = ? ${own}`, now, task, run);
    if (changes === 0) return false;
    connection.run('UPDATE task_runs SET last_heartbeat_at = ? WHERE id = ?', now, run);
    appendEvent(context, ledger, { task, run, kind: 'heartbeat' });
    return true;
  });
}

/** `add_comment`. */
export function addComment(context: BoardContext, { task, run }: OfRun): null {
  const { world, connection, by } = context;
  writeTxn(context, 'add_comment', (ledger) => {
    const mark = newMark(world);
    connection.run(
      'INSERT INTO task_comments(task_id, author, body, created_at) VALUES(?, ?, ?, ?)',
      task,
      by,
      `Checked the acceptance criteria of ${task}, evidence ${mark}`,
      seconds(world),
    );
    ledger.add('comment', mark);
    appendEvent(context, ledger, { task, run, kind: 'commented' });
  });
  return null;
}

/** How a worker, or a person, ends a task; a person may end one that nobody has claimed. */
const endings = {
  completed: { by: 'complete_task', status: 'done', from: "('running', 'ready', 'blocked')" },
  blocked: { by: 'block_task', status: 'blocked', from: "('running', 'ready')" },
} as const;

function endTask(context: BoardContext, { task, run }: OfRun, outcome: keyof typeof endings): boolean {
  const { world, connection } = context;
  const { by, status, from } = endings[outcome];
  return writeTxn(context, by, (ledger) => {
    // `expected_run_id`: an attempt that was reclaimed meanwhile ends nothing.
    const { changes } = connection.run(
      `UPDATE tasks SET status = ?, completed_at = ?, claim_lock = NULL, claim_expires = NULL, worker_pid = NULL
       WHERE id = ? AND status IN ${from} AND (? IS NULL OR current_run_id = ?)`,
      status,
      outcome === 'completed' ? seconds(world) : null,
      task,
      run,
      run,
    );
    if (changes === 0) return false;
    const ended = endRun(context, ledger, task, { outcome }) ?? synthesizeEndedRun(context, ledger, task, outcome);
    appendEvent(context, ledger, { task, run: ended, kind: outcome });
    return true;
  });
}

/**
 * `complete_task`, then `recompute_ready` in a transaction of its own. Result: false when it was not there to be completed,
 * or was not this attempt's any more.
 */
export function completeTask(context: BoardContext, of: OfRun): boolean {
  if (!endTask(context, of, 'completed')) return false;
  // `_clear_failure_counter`: only a completion forgives failures.
  writeTxn(context, '_clear_failure_counter', () => {
    context.connection.run(
      'UPDATE tasks SET consecutive_failures = 0, last_failure_error = NULL WHERE id = ?',
      of.task,
    );
  });
  recomputeReady(context);
  return true;
}

/** `block_task`. Result: as of {@link completeTask}. */
export function blockTask(context: BoardContext, of: OfRun): boolean {
  return endTask(context, of, 'blocked');
}
