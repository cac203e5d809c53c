// The operations on the board by name, as they are sent to a lane or a process that owns it: one line each. Names are
// those of the reported code. What stays out: what they do (the files beside this one).
import type { Json } from '../../../harness/lane/world.ts';
import { addBulk } from './bulk.ts';
import { claimTask, readyTasks, recomputeReady, releaseStaleClaims } from './claims.ts';
import { checkpoint } from './checkpoint.ts';
import type { BoardContext } from './context.ts';
import {
  addNotifySub,
  advanceNotifyCursor,
  claimUnseenEventsForSub,
  gcEvents,
  listNotifySubs,
  removeNotifySub,
  rewindNotifyCursor,
} from './subscriptions.ts';
import { addComment, blockTask, completeTask, createTask, heartbeat, linkTasks, listTasks, showTask } from './tasks.ts';
import {
  budgetUsage,
  detectCrashedWorkers,
  overTimeWorkers,
  recordTimedOut,
  setWorkerPid,
  spawnFailed,
} from './workers.ts';

const operations = {
  create_task: createTask,
  show_task: showTask,
  list_tasks: listTasks,
  link_tasks: linkTasks,
  heartbeat,
  add_comment: addComment,
  complete_task: completeTask,
  block_task: blockTask,
  release_stale_claims: releaseStaleClaims,
  detect_crashed_workers: detectCrashedWorkers,
  over_time_workers: overTimeWorkers,
  enforce_max_runtime: recordTimedOut,
  recompute_ready: recomputeReady,
  ready_tasks: readyTasks,
  claim_task: claimTask,
  set_worker_pid: setWorkerPid,
  spawn_failed: spawnFailed,
  add_notify_sub: addNotifySub,
  list_notify_subs: listNotifySubs,
  remove_notify_sub: removeNotifySub,
  claim_unseen_events_for_sub: claimUnseenEventsForSub,
  advance_notify_cursor: advanceNotifyCursor,
  rewind_notify_cursor: rewindNotifyCursor,
  budget_usage: budgetUsage,
  gc: gcEvents,
  wal_checkpoint: checkpoint,
  add_bulk: addBulk,
} as const;

type Operations = typeof operations;
export type OperationName = keyof Operations;

/** What an operation is told; nothing to say is `{}`. */
export type OperationArgs<N extends OperationName> =
  Parameters<Operations[N]> extends readonly [unknown, infer A] ? A : Readonly<Record<string, never>>;

export type OperationResult<N extends OperationName> = ReturnType<Operations[N]>;

/** Does an operation here and now. @throws BoardError */
export function perform<N extends OperationName>(
  context: BoardContext,
  name: N,
  args: OperationArgs<N>,
): OperationResult<N> {
  const operation = operations[name] as unknown as (
    context: BoardContext,
    args: OperationArgs<N>,
  ) => OperationResult<N>;
  return operation(context, args);
}

/** Operations and their results travel as JSON. */
export function isOperation(name: Json | undefined): name is OperationName {
  return typeof name === 'string' && Object.hasOwn(operations, name);
}
