// How much processor time a process has taken with all that it has started: a test that starts others costs what they do, and on a machine
// with much else to do it costs no more. Linux counts in ticks of 10 ms (proc(5)). What stays out: processes that have another
// parent by now.
import { readdirSync, readFileSync } from 'node:fs';

const tickMs = 10;

/** Its own time, that of children it has waited for, and who its children are; nothing of one that is gone. */
function look(pid: number): { readonly ms: number; readonly children: readonly number[] } {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const times = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .slice(11, 15); // utime, stime, cutime, cstime
    const children = readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/children`, 'latin1').split(' ').filter(Boolean).map(Number),
    );
    return { ms: times.reduce((sum, ticks) => sum + Number(ticks) * tickMs, 0), children };
  } catch {
    return { ms: 0, children: [] };
  }
}

/** Milliseconds of processor time, of this process and of all below it. 0 where there is no `/proc`. */
export function processorMs(pid = process.pid): number {
  const { ms, children } = look(pid);
  return children.reduce((sum, child) => sum + processorMs(child), ms);
}
