// task_events: every change of a task leaves one, in the same transaction.
import type { BoardContext } from './context.ts';
import { type Ledger, newMark, seconds } from './write-txn.ts';

/** @property run undefined or null for what happens outside a run */
interface NewEvent {
  readonly task: string;
  readonly run?: number | null | undefined;
  readonly kind: string;
}

/** `_append_event`: to be called inside a transaction. */
export function appendEvent({ world, connection }: BoardContext, ledger: Ledger, { task, run, kind }: NewEvent): void {
  const mark = newMark(world);
  connection.run(
    'INSERT INTO task_events(task_id, run_id, kind, payload, created_at) VALUES(?, ?, ?, ?, ?)',
    task,
    run ?? null,
    kind,
    JSON.stringify({ mark, by: world.lane }),
    seconds(world),
  );
  ledger.add('event', mark);
}
