// The end of a process that cannot go on for a reason that is not its program's: the machine lacks something, or the host
// itself failed. That is no event of the run: the coordinator reads the line in the log and says it as an error of the
// harness. What stays out: errors that a program may meet and handle.
import { writeSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

/** As the gate's own end (`protocolError` in gate.c). */
const exitCode = 70;

/** Ends this process, from any of its threads. */
export function giveUp(reason: unknown): never {
  const text = reason instanceof Error ? (reason.stack ?? reason.message) : String(reason);
  writeSync(2, `lockstep: ${text}\n`);
  if (isMainThread) process.exit(exitCode);
  process.kill(process.pid, 'SIGABRT'); // process.exit would end the thread only, and process.abort is not to be had here
  throw new Error(text);
}

/** Ends this process: its program asked for what a Node cannot do. */
export function onlyNative(what: string): never {
  return giveUp(`${what} is for the native host only: take no --host, or --host native`);
}

const state = { planned: false };

/** Whether the plan of this run makes SQLite run out of memory: then that is a program's to handle. */
export function expectOutOfMemory(planned: boolean): void {
  state.planned = planned;
}

/** SQLite could not get memory: unless a fault said so, this machine has none. */
export function outOfMemory(code: string): void {
  if (!state.planned && (code === 'SQLITE_NOMEM' || code === 'SQLITE_IOERR_NOMEM'))
    giveUp(`SQLite got no memory (${code}): the machine has none left, or a limit (\`ulimit -v\`) is reached`);
}
