// kanban_notify_subs: which chat wants to hear of which task, and how far it has heard; and the hourly removal of old
// events. What stays out: delivering (gateway/).
import { during } from '../../board-file/board-error.ts';
import type { BoardContext } from './context.ts';
import { seconds, writeTxn } from './write-txn.ts';

/** A subscription of a chat to a task. */
export interface SubKey {
  readonly task: string;
  readonly chat: string;
}

/** @property profile whose gateway delivers to it */
export interface Sub extends SubKey {
  readonly profile: string;
}

/** An event that a chat has to be told of. */
export interface Notice {
  readonly event: number;
  readonly kind: string;
}

const noticed = "('completed', 'blocked', 'gave_up', 'crashed', 'timed_out')";
const ofSub = "WHERE task_id = ? AND platform = 'telegram' AND chat_id = ? AND thread_id = ''";

/** `add_notify_sub`. */
export function addNotifySub(context: BoardContext, { task, chat, profile }: Sub): null {
  const { world, connection } = context;
  writeTxn(context, 'add_notify_sub', () => {
    connection.run(
      `INSERT OR IGNORE INTO kanban_notify_subs(task_id, platform, chat_id, notifier_profile, created_at)
       VALUES(?, 'telegram', ?, ?, ?)`,
      task,
      chat,
      profile,
      seconds(world),
    );
  });
  return null;
}

/** `list_notify_subs`: those of one profile, or all. */
export function listNotifySubs(
  { connection }: BoardContext,
  { profile }: { readonly profile: string | null },
): readonly Sub[] {
  const rows = during('list_notify_subs', () =>
    connection.all(
      `SELECT task_id, chat_id, notifier_profile FROM kanban_notify_subs WHERE ? IS NULL OR notifier_profile = ?
       ORDER BY rowid`,
      profile,
      profile,
    ),
  );
  return rows.map((row) => ({
    task: String(row['task_id']),
    chat: String(row['chat_id']),
    profile: String(row['notifier_profile']),
  }));
}

/** `remove_notify_sub`. Result: was it there? */
export function removeNotifySub(context: BoardContext, { task, chat }: SubKey): boolean {
  return writeTxn(
    context,
    'remove_notify_sub',
    () => context.connection.run(`DELETE FROM kanban_notify_subs ${ofSub}`, task, chat).changes > 0,
  );
}

/** What a subscription had not heard: the cursor before and after. */
export interface Claimed {
  readonly before: number;
  readonly after: number;
  readonly events: readonly Notice[];
}

/** `claim_unseen_events_for_sub`: takes what is newer than the cursor and moves the cursor there, in one transaction. */
export function claimUnseenEventsForSub(context: BoardContext, { task, chat }: SubKey): Claimed {
  const { connection } = context;
  return writeTxn(context, 'claim_unseen_events_for_sub', () => {
    const row = connection.get(`SELECT last_event_id FROM kanban_notify_subs ${ofSub}`, task, chat);
    if (row === undefined) return { before: 0, after: 0, events: [] };
    const before = Number(row['last_event_id']);
    const found = `SELECT id, kind FROM task_events WHERE task_id = ? AND id > ? AND kind IN ${noticed} ORDER BY id`;
    const events = connection
      .all(found, task, before)
      .map(({ id, kind }) => ({ event: Number(id), kind: String(kind) }));
    const after = events.at(-1)?.event ?? before;
    if (after > before) connection.run(`UPDATE kanban_notify_subs SET last_event_id = ? ${ofSub}`, after, task, chat);
    return { before, after, events };
  });
}

/** `advance_notify_cursor`: for who delivers first and claims afterwards. */
export function advanceNotifyCursor(context: BoardContext, { task, chat, to }: SubKey & { readonly to: number }): null {
  writeTxn(context, 'advance_notify_cursor', () => {
    context.connection.run(`UPDATE kanban_notify_subs SET last_event_id = ? ${ofSub}`, to, task, chat);
  });
  return null;
}

/**
 * `rewind_notify_cursor`: what was claimed could not be delivered.
 *
 * @param args.claimed where the claim left the cursor; when it has moved on, it stays
 * @returns was it moved back?
 */
export function rewindNotifyCursor(
  context: BoardContext,
  { task, chat, claimed, to }: SubKey & { readonly claimed: number; readonly to: number },
): boolean {
  return writeTxn(context, 'rewind_notify_cursor', () => {
    const update = `UPDATE kanban_notify_subs SET last_event_id = ? ${ofSub} AND last_event_id = ?`;
    return context.connection.run(update, to, task, chat, claimed).changes === 1;
  });
}

/**
 * `gc_events`: events of finished tasks that are older than this; the reported default is 30 days. They are gone from the
 * ledger too, so a run that is to keep its acknowledged rows must be shorter.
 *
 * @returns how many
 */
export function gcEvents(context: BoardContext, { olderThanSeconds }: { readonly olderThanSeconds: number }): number {
  const { world, connection } = context;
  return writeTxn(context, 'gc_events', () => {
    const old = `DELETE FROM task_events WHERE created_at < ?
      AND task_id IN (SELECT id FROM tasks WHERE status IN ('done', 'archived'))`;
    return connection.run(old, seconds(world) - olderThanSeconds).changes;
  });
}
