// What the kernel says of a process while it is waited for (proc(5)): what processor time its threads have had, how long
// they were kept waiting for a processor, and where a thread stands. Reads /proc only; on a system without it nothing is
// known. What stays out: how long to wait (host/waiting.ts).
import { readdirSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { systemCallName } from './system-calls.ts';

/** Processor time of one thread and what it waited for a processor, in milliseconds; `runnable`: now. */
export interface ThreadTimes {
  readonly cpuMs: number;
  readonly delayMs: number;
  readonly runnable: boolean;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined; // it ended, or this kernel does not tell
  }
}

/** The fields of /proc/…/stat behind the name, which may hold spaces and parentheses: the first is the state. */
export function statOf(folder: string): readonly string[] {
  const text = read(`${folder}/stat`) ?? '';
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}

/** Clock ticks of /proc are hundredths of a second on every Linux that Node runs on (USER_HZ). */
export const tickMs = 10;

/** The threads of a process by their numbers; none where it is gone, or this kernel does not tell. */
function threadsOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

/** The times of a process's threads by their numbers; empty where nothing is known. */
export function threadTimes(pid: number): ReadonlyMap<string, ThreadTimes> {
  const times = new Map<string, ThreadTimes>();
  for (const thread of threadsOf(pid)) {
    const folder = `/proc/${pid}/task/${thread}`;
    const stat = statOf(folder);
    const runnable = stat[0] === 'R';
    // schedstat: nanoseconds on a processor, nanoseconds in a run queue, turns (Documentation/scheduler/sched-stats.rst).
    const [cpu, delay] = (read(`${folder}/schedstat`) ?? '').split(' ').map(Number);
    if (cpu !== undefined && delay !== undefined)
      times.set(thread, { cpuMs: cpu / 1e6, delayMs: delay / 1e6, runnable });
    else if (stat.length > 12)
      times.set(thread, { cpuMs: (Number(stat[11]) + Number(stat[12])) * tickMs, delayMs: 0, runnable });
  }
  return times;
}

/** The children of a process (proc(5), task/…/children); none where the kernel does not tell. */
export function childrenOf(pid: number): readonly number[] {
  return threadsOf(pid).flatMap((thread) =>
    (read(`/proc/${pid}/task/${thread}/children`) ?? '').split(' ').filter(Boolean).map(Number),
  );
}

/**
 * Signs of life: how often the threads of a process were taken off a processor (proc(5), status), which changes whenever one of
 * them has woken, and whether one could run now.
 *
 * @returns undefined where nothing is known
 */
export function activityOf(pid: number): { readonly switches: number; readonly runnable: boolean } | undefined {
  const statuses = threadsOf(pid).flatMap((thread) => read(`/proc/${pid}/task/${thread}/status`) ?? []);
  const counts = statuses.flatMap((text) => [...text.matchAll(/^\w*voluntary_ctxt_switches:\s*(\d+)$/gm)]);
  if (counts.length === 0) return undefined;
  return {
    switches: counts.reduce((sum, [, count]) => sum + Number(count), 0),
    runnable: statuses.some((text) => /^State:\s*R/m.test(text)),
  };
}

const states: { readonly [state: string]: string } = {
  R: 'running',
  S: 'asleep',
  D: 'asleep in the kernel and not to be interrupted, as on a disk that does not answer',
  T: 'stopped by a signal',
  t: 'stopped by a debugger',
  Z: 'dead and not collected',
};

/** Is the process stopped (SIGSTOP, or a debugger)? */
export function isStopped(pid: number): boolean {
  return /^t$/i.test(statOf(`/proc/${pid}`)[0] ?? '');
}

/** The process group that a process is in, in the kernel; undefined where nothing is known. */
export function processGroup(pid: number): number | undefined {
  const group = Number(statOf(`/proc/${pid}`)[2]);
  return Number.isSafeInteger(group) ? group : undefined;
}

function hasSignal(status: string, field: string, signal: NodeJS.Signals): boolean {
  const mask = new RegExp(`^${field}:\\s*([0-9a-f]+)$`, 'm').exec(status)?.[1];
  return mask !== undefined && (BigInt(`0x${mask}`) & (1n << BigInt(constants.signals[signal] - 1))) !== 0n;
}

/**
 * Does the process do something of its own at a signal, ignore it, or have it wait, in all its threads (proc(5), SigCgt, SigIgn and SigBlk)?
 * Where nothing is known: no.
 */
export function handles(pid: number, signal: NodeJS.Signals): boolean {
  const status = read(`/proc/${pid}/status`) ?? '';
  if (hasSignal(status, 'SigCgt', signal) || hasSignal(status, 'SigIgn', signal)) return true;
  if (!hasSignal(status, 'SigBlk', signal)) return false;
  return threadsOf(pid).every((thread) => {
    const own = read(`/proc/${pid}/task/${thread}/status`);
    return own === undefined || hasSignal(own, 'SigBlk', signal);
  });
}

/**
 * Where a thread stands, for a sentence: `asleep in futex (futex_do_wait)`.
 *
 * @param thread default: the main thread of the process
 */
export function whereabouts(pid: number, thread = pid): string {
  const folder = `/proc/${pid}/task/${thread}`;
  const state = statOf(folder)[0] ?? '';
  if (state === '') return 'gone';
  const [call = ''] = (read(`${folder}/syscall`) ?? '').split(' ');
  // `running`, or -1 outside of a system call; unreadable where the kernel lets nobody look.
  const number = /^\d+$/.test(call) ? Number(call) : undefined;
  const channel = (read(`${folder}/wchan`) ?? '').trim();
  const within = number === undefined ? '' : ` in ${systemCallName(number)}`;
  const at = channel === '' || channel === '0' ? '' : ` (${channel})`;
  return `${states[state] ?? `in the state ${state}`}${within}${at}`;
}

/** Where each thread of a process stands, by its name; those that stand alike share a line: `4 times V8Worker: asleep in futex`. */
export function whereaboutsOfThreads(pid: number): readonly string[] {
  const lines = threadsOf(pid).map((thread) => {
    const name = (read(`/proc/${pid}/task/${thread}/comm`) ?? '').trim();
    return `${name}: ${whereabouts(pid, Number(thread))}`;
  });
  return [...Map.groupBy(lines, (line) => line)].map(([line, { length }]) =>
    length === 1 ? line : `${length} times ${line}`,
  );
}
