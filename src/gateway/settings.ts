// What a gateway process and its threads are told.
import type { BoardSettings } from '../board/settings.ts';
import type { TaskOrder } from '../board/tasks.ts';

/**
 * A chat message that creates a task; the gateway subscribes its sender to it.
 *
 * @property atMs from the gateway's start
 * @property afterPrevious the task waits for the one of the message before
 * @property leaks the helper uses `with connect() as conn`, which commits and does not close (#28285, #33159)
 */
export interface ChatMessage {
  readonly atMs: number;
  readonly order: TaskOrder;
  readonly afterPrevious: boolean;
  readonly leaks: boolean;
}

/**
 * @property profile whose chats it serves; a restarted gateway keeps it
 * @property spawnMs from the claim of a task to the started worker (workspace, Popen), the tick's connection open
 * @property workerStartMs from a worker's start to its first tool call: interpreter, imports, the model's first answer
 * @property sendMs to deliver one notice
 */
export interface GatewaySettings {
  readonly board: BoardSettings;
  readonly profile: string;
  readonly spawnMs: number;
  readonly workerStartMs: number;
  readonly sendMs: number;
  readonly messages: readonly ChatMessage[];
}

/** First tick of each watcher (gateway/run.py). */
export const initialSleepMs = 5000;
/** dispatch_interval_seconds. */
export const dispatchIntervalMs = 60_000;
export const notifyIntervalMs = 5000;
