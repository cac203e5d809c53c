// What processes use of the machine, by the kernel's own books: processor time and memory. What stays out: who asks.
import { readFileSync } from 'node:fs';
import { statOf, tickMs } from './process-state.ts';

/** Fields of /proc/PID/stat behind the name, counted from 0 at the state: times of children that have been waited for (proc(5), 16 and 17). */
const childTimes = [13, 14] as const;

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // it is gone
  }
}

/** Bytes of memory; of what several processes share, each has its part (proc(5), smaps_rollup: Pss). 0 where nothing is known. */
export function sharedOut(pid: number | 'self'): number {
  const kilobytes = /^Pss:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0;
  return Number(kilobytes) * 1024;
}

/** Processor time of a process with one thread, ms (sched-stats: nanoseconds on a processor). */
export function processorMs(pid: number): number {
  return Number(read(`/proc/${pid}/schedstat`).split(' ')[0] ?? 0) / 1e6;
}

/** Processor time of all children of a process that have ended, ms, in steps of 10. */
export function processorMsOfEnded(pid: number): number {
  const fields = statOf(`/proc/${pid}`);
  return childTimes.reduce((sum, field) => sum + Number(fields[field] ?? 0) * tickMs, 0);
}
