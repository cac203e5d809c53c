// task_events: every change of a task leaves one, in the same transaction.
import type { Connection, World } from '../../harness/lane/world.ts';
import { type Ledger, newMark, seconds } from './write-txn.ts';

/** @property run undefined for what happens outside a run */
export interface NewEvent {
  readonly task: string;
  readonly run?: number | undefined;
  readonly kind: string;
}

/** `_append_event`: to be called inside a transaction. */
export function appendEvent(world: World, connection: Connection, ledger: Ledger, { task, run, kind }: NewEvent): void {
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
