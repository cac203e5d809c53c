// What the parts of the Node host share: the gate, the run, and Node's own functions as they were before the host stood before them.
// What stays out: what is replaced (the other files here).
import childProcess from 'node:child_process';
import { createRequire } from 'node:module';
import fs from 'node:fs';
import type { Answer, Asked } from '../../model/request.ts';
import { encodeRequest } from '../../model/request.ts';
import type { Json } from '../../model/values.ts';
import type { Gate } from '../gate-calls.ts';
import type { LaneSetting } from '../run-job.ts';
import type { SharedMemory } from './shared-memory.ts';

/** Exit code of a program that does what no trace would show (gate/gate.c). */
const exitNotFollowed = 76;

/** Process ids are logical: they count the lanes of the run (as lane/preload/processes.c). */
export const firstPid = 100;

/** What threads.c has. */
export interface Native {
  readonly ends: (gate: string, text: string) => void;
  readonly address: (array: NodeJS.TypedArray) => number;
  readonly quit: (code: number) => never;
  readonly closesFirst: () => void;
  readonly exitsWith: (code: number) => void;
}

/** Node's own, for the host itself. */
export const real = {
  dlopen: process.dlopen.bind(process),
  fs: { ...fs },
  childProcess: { ...childProcess },
  setImmediate: globalThis.setImmediate,
  chdir: process.chdir.bind(process),
  emit: process.emit.bind(process),
  exit: process.reallyExit.bind(process),
  require: createRequire(import.meta.url),
} as const;

/** Where the SQLite is that a process brings: in Node, or in the folder of a better-sqlite3. */
export type OwnPlace = { readonly in: 'node:sqlite' } | { readonly in: 'better-sqlite3'; readonly folder: string };

/**
 * What a thread of the program is told by the one that starts it.
 *
 * @property in FIFO of its grants, absolute path
 * @property out FIFO of its records
 * @property env as that of its process
 * @property cwd where the program stands, as it sees that
 * @property pid of its process, as the program sees it
 * @property threads how many it has started itself that have not ended: one number
 * @property own the SQLite that its process brings, where that is the engine
 */
export interface ThreadOfRun {
  readonly in: string;
  readonly out: string;
  readonly env: { readonly [name: string]: string };
  readonly usual: { readonly [name: string]: string | undefined };
  readonly cwd: string;
  readonly pid: number;
  readonly memory: SharedArrayBuffer;
  readonly threads: SharedArrayBuffer;
  readonly own: OwnPlace | undefined;
}

/** The process as one of its threads sees it. */
export interface ProcessOfRun {
  readonly gate: Gate;
  readonly setting: LaneSetting;
  /** What this thread is told, where it is not the main one. */
  readonly thread: ThreadOfRun | undefined;
  readonly memory: SharedMemory;
  readonly native: Native;
  /** What a program that this one starts is given, to come under the gate as well. */
  readonly env: { readonly [name: string]: string };
  /** Of the program's environment: what every command has, and so what this one starts. */
  readonly usual: { readonly [name: string]: string | undefined };
}

/** How the process ends from this thread. */
const endings = { process: (code: number): void => real.exit(code) };

/** From here on this thread ends its process so: Node's own exit would end the thread only, or wait for others. */
export function endsProcessBy(quit: (code: number) => never): void {
  endings.process = quit;
}

/**
 * The program does what would go unseen: the end of it.
 *
 * @param what the predicate of the coordinator's sentence
 */
export function notFollowed(what: string): never {
  real.fs.writeSync(2, `lockstep: ${what}\n`);
  endings.process(exitNotFollowed);
  throw new Error(what);
}

/** @throws the coordinator's error, where the request is one */
export function asks({ gate }: ProcessOfRun, request: Asked): Json | undefined {
  const answer = JSON.parse(gate.ask(encodeRequest(request))) as Answer;
  if ('error' in answer) throw new Error(answer.error);
  return answer.value;
}

declare global {
  namespace NodeJS {
    interface Process {
      reallyExit(code?: number): never;
    }
  }
}
