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

/** Exit code of a program that does what no trace would show (gate/gate.c). */
const exitNotFollowed = 76;

/** Process ids are logical: they count the lanes of the run (as lane/preload/processes.c). */
export const firstPid = 100;

/** Node's own, for the host itself. */
export const real = {
  fs: { ...fs },
  childProcess: { ...childProcess },
  setImmediate: globalThis.setImmediate,
  chdir: process.chdir.bind(process),
  emit: process.emit.bind(process),
  exit: process.reallyExit.bind(process),
  require: createRequire(import.meta.url),
} as const;

export interface ProcessOfRun {
  readonly gate: Gate;
  readonly setting: LaneSetting;
  /** What a program that this one starts is given, to come under the gate as well. */
  readonly env: { readonly [name: string]: string };
  /** Of the program's environment: what every command has, and so what this one starts. */
  readonly usual: { readonly [name: string]: string | undefined };
}

/**
 * The program does what would go unseen: the end of it.
 *
 * @param what the predicate of the coordinator's sentence
 */
export function notFollowed(what: string): never {
  real.fs.writeSync(2, `lockstep: ${what}\n`);
  real.exit(exitNotFollowed);
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
