// What a gateway process and its threads are told, and what holds where a scenario says nothing.
import type { Json } from '../../../harness/lane/world.ts';
import type { BoardSettings } from '../board/settings.ts';
import type { TaskOrder } from '../board/tasks.ts';

/**
 * A chat message that creates a task; the gateway subscribes its sender to it.
 *
 * @property atMs from the gateway's start; in a unit, from the supervisor's
 * @property afterPrevious the task waits for the one of the message before
 * @property leaks the helper uses `with connect() as conn`, which commits and does not close (#28285, #33159)
 */
export interface ChatMessage {
  readonly atMs: number;
  readonly order: TaskOrder;
  readonly afterPrevious: boolean;
  readonly leaks: boolean;
}

/** What has a default: the config file, the environment and the command line of a gateway. */
interface Configuration {
  /** $HERMES_HOME, where the pid file and the locks of this gateway are. Default: its profile. See {@link shellHomeOf}. */
  readonly home: string;
  /** dispatch_in_gateway. Default true. */
  readonly dispatches: boolean;
  /** kanban.enabled. Default true. */
  readonly kanbanEnabled: boolean;
  /** dispatch_interval_seconds: default 60 s, at least 1 s. */
  readonly dispatchIntervalMs: number;
  /** The unit whose main process it is; a supervisor fills it in. Default null: started from a shell. */
  readonly unit: string | null;
  /**
   * Virtual time from which the times of `messages` count, ms since the Unix epoch. A supervisor fills in its own start: what
   * came before this gateway was up went to its predecessor, or to nobody. Default null: this gateway's start.
   */
  readonly bootMs: number | null;
  /** Left behind by a shell that has exited. Default false. */
  readonly detached: boolean;
  /** `--force`. Default false. */
  readonly force: boolean;
  /** `--replace`. Default false. */
  readonly replace: boolean;
  /** Which of its notices, counted from 1, the chat platform refuses. Default none. */
  readonly failingSends: readonly number[];
  /** Which of its workers, counted from 1, cannot be started (fork fails). Default none. */
  readonly failingSpawns: readonly number[];
}

/**
 * @property profile whose chats it serves; a restarted gateway keeps it
 * @property spawnMs from the claim of a task to the started worker (workspace, Popen), the tick's connection open
 * @property workerStartMs from a worker's start to its first tool call: interpreter, imports, the model's first answer
 * @property sendMs to deliver one notice
 */
interface Workload {
  readonly board: BoardSettings;
  readonly profile: string;
  readonly spawnMs: number;
  readonly workerStartMs: number;
  readonly sendMs: number;
  readonly messages: readonly ChatMessage[];
}

/** As a scenario writes it. */
export type GatewaySettings = Workload & Partial<Configuration>;
/** As the gateway's lanes read it. */
export type GatewayConfig = Workload & Configuration;

/**
 * $HERMES_HOME of a gateway of this profile that a shell starts. It is not the unit's, so that neither pid file nor lock
 * stops a second gateway of one profile: our assumption of how an orphan comes to run beside its unit, since the report
 * (#35240) does not say why the profile's lock did not stop it.
 */
export function shellHomeOf(profile: string): string {
  return `${profile}.shell`;
}

/** First tick of each watcher (gateway/run.py). */
export const initialSleepMs = 5000;
const dispatchIntervalMs = 60_000;
const dispatchIntervalMinMs = 1000;
export const notifyIntervalMs = 5000;
export const budgetIntervalMs = 60_000;
export const watchdogIntervalMs = 60_000;

export function gatewayConfig(args: Json): GatewayConfig {
  const settings = args as unknown as GatewaySettings;
  return {
    home: settings.profile,
    dispatches: true,
    kanbanEnabled: true,
    unit: null,
    bootMs: null,
    detached: false,
    force: false,
    replace: false,
    failingSends: [],
    failingSpawns: [],
    ...settings,
    dispatchIntervalMs: Math.max(dispatchIntervalMinMs, settings.dispatchIntervalMs ?? dispatchIntervalMs),
  };
}
