// The coordinator's picture of lanes and processes in one run. Plain state; the rules that change it are in run.ts,
// requests.ts and fault-runner.ts.
import { type Words, wordsMost } from '../model/history.ts';
import { emptyRecord, type RawRecord } from '../model/record.ts';
import type { Ending } from '../model/process.ts';
import type { Request } from '../model/request.ts';
import type { Json } from '../model/values.ts';
import type { Channel } from './channel.ts';
import type { PoolProcess } from './pool.ts';

/**
 * held: who has started its process has more to tell it before it begins · ready: can run · asleep: until `wakeMs` · waiting: for what
 * `pending` asks, at the latest until `wakeMs` · ended.
 */
export type LaneStatus = 'held' | 'ready' | 'asleep' | 'waiting' | 'ended';

export interface Message {
  readonly from: string;
  readonly message: Json;
}

export interface LaneState {
  readonly name: string;
  readonly number: number;
  readonly process: ProcessState;
  readonly channel: Channel;
  status: LaneStatus;
  /** Virtual ms; Infinity where only an event ends the wait. */
  wakeMs: number;
  /** Stands still by a fault until then, whatever its status says. */
  pausedUntilMs: number;
  /** With its next grant it is told to run the collector of its process. */
  collects: boolean;
  /** Order in which lanes became ready; the default schedule takes the lowest. */
  readyOrder: number;
  /** The step it is parked before. */
  readonly pending: RawRecord;
  /** The descriptor of which it asks there, of a step `fdStat`. */
  descriptor: number;
  /** What it asks there, if it does. */
  request: Request | undefined;
  /** File names by number, as announced by this lane. */
  readonly files: string[];
  /** How much of the run's news it has been told. */
  newsTold: number;
  readonly mailbox: Message[];
  ending: Ending | undefined;
  /** Connections and file locks it held when it ended. */
  open: number;
}

/**
 * @property group the control group it belongs to, which its children inherit
 * @property boot so many times the power had come back when it was started
 */
export interface ProcessState {
  readonly name: string;
  readonly program: string;
  readonly args: Json;
  /** Who started it, by name; undefined for those that the scenario starts, and for detached ones. */
  readonly parent: string | undefined;
  readonly group: string | undefined;
  readonly boot: number;
  readonly pooled: PoolProcess;
  readonly lanes: LaneState[];
  readonly mutexes: Map<string, { owner: LaneState; depth: number }>;
  /** How many of each semaphore can be had: of one that is not here, one (gate-mutex.c). */
  readonly semaphores: Map<string, number>;
  stopping: boolean;
  /** More may come on its standard input. */
  inputOpen: boolean;
  /** The signal that is known to end it: it was granted to write in part and die, or says itself that it dies. */
  doom: 'SIGKILL' | 'SIGBUS' | undefined;
  ending: Ending | undefined;
}

/** How a process comes to be: see {@link Run.startProcess}. */
export interface HowStarted {
  readonly group?: string | undefined;
  readonly parent?: string | undefined;
  readonly detached?: boolean | undefined;
  readonly input?: Buffer | undefined;
  /** It begins when whoever starts it says so. */
  readonly held?: boolean | undefined;
}

/** What commands have printed on their standard error. */
export function wordsOf(processes: readonly ProcessState[]): readonly Words[] {
  return processes.flatMap(({ name, pooled }) => {
    const said = pooled.own && !pooled.isFork ? pooled.output().err : undefined; // what a fork says is in its parent's
    return said === undefined || said.length === 0
      ? []
      : [{ process: name, text: said.subarray(-wordsMost).toString() }];
  });
}

/** Those that live, as ps lists them. A parent that is dead has given its children to init. */
export function listed(processes: readonly ProcessState[]): Json {
  const living = processes.filter(({ ending }) => ending === undefined);
  const names = new Set(living.map(({ name }) => name));
  return living.map(({ name, program, args, parent = 'init', group = null }) => {
    return { name, program, args, parent: names.has(parent) ? parent : 'init', group };
  });
}

/** A process without lanes yet. */
export function newProcess(
  given: Pick<ProcessState, 'name' | 'program' | 'args' | 'parent' | 'group' | 'boot' | 'pooled'>,
): ProcessState {
  return {
    ...given,
    lanes: [],
    mutexes: new Map(),
    semaphores: new Map(),
    stopping: false,
    inputOpen: false,
    doom: undefined,
    ending: undefined,
  };
}

/** A lane that stands before its first step. */
export function newLane(name: string, number: number, process: ProcessState, channel: Channel): LaneState {
  return {
    name,
    number,
    process,
    channel,
    status: 'ready',
    wakeMs: 0,
    pausedUntilMs: 0,
    collects: false,
    readyOrder: 0,
    pending: emptyRecord(),
    descriptor: 0,
    request: undefined,
    files: [],
    newsTold: 0,
    mailbox: [],
    ending: undefined,
    open: 0,
  };
}
