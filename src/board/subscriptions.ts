// kanban_notify_subs: which chat wants to hear of which task, and how far it has heard.
import type { Connection, World } from '../../harness/lane/world.ts';
import { during } from './board-error.ts';
import { seconds, writeTxn } from './write-txn.ts';

/** An event that a chat has to be told of. */
export interface Notice {
  readonly task: string;
  readonly event: number;
  readonly kind: string;
}

const noticed = "('completed', 'blocked', 'gave_up', 'crashed', 'timed_out')";

/** `add_notify_sub`. */
export function subscribe(world: World, connection: Connection, task: string, profile: string): void {
  writeTxn(world, connection, 'add_notify_sub', () => {
    connection.run(
      `INSERT OR IGNORE INTO kanban_notify_subs(task_id, platform, chat_id, notifier_profile, created_at)
       VALUES(?, 'telegram', 'chat-1', ?, ?)`,
      task,
      profile,
      seconds(world),
    );
  });
}

/** `remove_notify_sub`. */
export function unsubscribe(world: World, connection: Connection, task: string): void {
  writeTxn(world, connection, 'remove_notify_sub', () => {
    connection.run(
      "DELETE FROM kanban_notify_subs WHERE task_id = ? AND platform = 'telegram' AND chat_id = 'chat-1'",
      task,
    );
  });
}

/** `claim_unseen_events_for_sub`, for each subscription: takes what is newer than the cursor and moves the cursor there. */
export function claimNotices(world: World, connection: Connection, profile: string): readonly Notice[] {
  const subs = during('list_notify_subs', () =>
    connection.all('SELECT task_id FROM kanban_notify_subs WHERE notifier_profile = ?', profile),
  );
  return subs.flatMap(({ task_id: id }) => {
    const task = String(id);
    return writeTxn(world, connection, 'claim_unseen_events_for_sub', () => {
      const events = connection.all(
        `SELECT id, kind FROM task_events WHERE task_id = ? AND kind IN ${noticed}
         AND id > (SELECT last_event_id FROM kanban_notify_subs WHERE task_id = ?) ORDER BY id`,
        task,
        task,
      );
      const last = events.at(-1);
      if (last === undefined) return [];
      connection.run('UPDATE kanban_notify_subs SET last_event_id = ? WHERE task_id = ?', Number(last['id']), task);
      return events.map((event) => ({ task, event: Number(event['id']), kind: String(event['kind']) }));
    });
  });
}
