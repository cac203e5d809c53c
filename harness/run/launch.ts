// Starts a simulated process that is a program of its own: as a child, or by a launcher that exits, so that it is a real orphan. What
// stays out: which program (node-starter.ts, command-starter.ts).
import type { ChildProcess, SpawnOptions } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { harnessError } from '../errors/errors.ts';
import { adoptOrphans, keepTo } from '../host/native.ts';
import { allProcessors } from '../host/processors.ts';
import { spawnOwn } from '../host/spawn.ts';
import { Stuck, waitForEnd } from '../host/waiting.ts';
import { notStarted } from './process-errors.ts';
import { noOrphans, type Started, startMs, type StartOrder } from './starter.ts';

/** @property env all of its environment */
export interface Launch {
  readonly command: readonly [string, ...string[]];
  readonly env: { readonly [name: string]: string };
}

/**
 * Starts its arguments in the background, says their process id, and exits: they are an orphan then, adopted by the
 * nearest subreaper. They wait for that (lane/host.ts).
 */
const launcher = 'in=$1 out=$2; shift 2; LOCKSTEP_LAUNCHER=$$ "$@" <"$in" >>"$out" 2>>"$0" & echo $! >"$0.pid"';

/** @throws harness errors where the system makes no process of it; RunInterrupted */
export function launch(what: Launch, order: StartOrder): Started {
  const child = order.detached ? undefined : spawnInto(what, order);
  const pid = child?.pid ?? launchOrphan(what, order);
  keepTo(pid, allProcessors); // it starts beside the run
  return { pid, child };
}

function spawnInto(
  { command, env }: Launch,
  { logPath, inPath, outPath, worlds }: StartOrder,
): ChildProcess & { readonly pid: number } {
  const opened: number[] = [];
  try {
    for (const [path, flags] of [
      [inPath, 'r'],
      [outPath, 'a'],
      [logPath, 'a'],
    ] as const)
      opened.push(openSync(path, flags));
    // A process group of its own: a Ctrl-C at the terminal is for the coordinator alone.
    const options: SpawnOptions = { cwd: worlds, detached: true, env, stdio: opened };
    const child = spawnOwn('a simulated process', command, options);
    child.unref(); // a coordinator that was forgotten must not keep the program alive
    return child;
  } finally {
    for (const fd of opened) closeSync(fd);
  }
}

/** Result: the process id of the orphan. */
function launchOrphan({ command, env }: Launch, order: StartOrder): number {
  if (!adoptOrphans()) throw harnessError(noOrphans.code, noOrphans.message, noOrphans.remedy);
  const { logPath, inPath, outPath, stop } = order;
  const pidPath = `${logPath}.pid`;
  const shell = ['/bin/sh', '-c', launcher, logPath, inPath, outPath, ...command] as const;
  const launched = spawnInto({ command: shell, env }, order);
  try {
    const end = waitForEnd(launched.pid, { limitMs: startMs, stop });
    if (end instanceof Stuck) throw notStarted('the launcher of an orphan', end, readFileSync(logPath, 'utf8'));
    const pid = Number(readFileSync(pidPath, 'utf8'));
    if (pid > 1) return pid;
    throw notStarted('an orphan', undefined, readFileSync(logPath, 'utf8'));
  } catch (error) {
    launched.kill('SIGKILL');
    throw error;
  } finally {
    rmSync(pidPath, { force: true });
  }
}
