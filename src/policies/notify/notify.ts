// The axis `notify`: how a watcher of a gateway learns that there is work for it. What stays out: what it does then (programs/gateway).
import type { World } from '../../../harness/lane/world.ts';
import type { PolicyValue } from '../axis.ts';

/** What a server tells of: `ready_tasks` when a task has become ready, `task_events` when something has happened to one. */
export type Channel = 'ready_tasks' | 'task_events';

/** @property pollMs from one look to the next where nobody tells of anything; `longMs` the same where somebody does */
export interface Rhythm {
  readonly channel: Channel;
  readonly pollMs: number;
  readonly longMs: number;
}

/** The pauses of one watcher between its looks at the board. */
export interface Pauses {
  /** Before each look. */
  begin(): void;
  /** After it, until the next is due. @param quietUntilMs as of World.sleep */
  pause(quietUntilMs: number | undefined): void;
  /** The watcher ends. */
  end(): void;
}

/** @property schema what makes a server tell of work, beside the tables */
export interface Notify extends PolicyValue {
  readonly schema: string;
  pauses(world: World, rhythm: Rhythm): Pauses;
}
