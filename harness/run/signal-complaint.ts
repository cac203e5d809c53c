// Which signals processes of a run may be sent. What stays out: sending them (ends.ts).
import { constants } from 'node:os';
import type { ProcessState } from './lanes.ts';

/** What stops a process in the kernel stops it for ever there: nobody tells the run when it goes on. */
const stops: ReadonlySet<string> = new Set(['SIGSTOP', 'SIGTSTP', 'SIGTTIN', 'SIGTTOU']);

/** Why a process cannot be sent this signal, as a sentence. */
export function signalComplaint({ name, pooled }: ProcessState, signal: string): string | undefined {
  if (signal === 'SIGKILL' || signal === 'SIGTERM') return undefined;
  if (!pooled.own) return `${name} is a program over World, and those know SIGKILL and SIGTERM only, not ${signal}.`;
  if (stops.has(signal))
    return `${signal} would stop ${name} in the kernel: a plan pauses processes by the fault "pause".`;
  return Object.hasOwn(constants.signals, signal) ? undefined : `There is no signal ${signal} on this system.`;
}
