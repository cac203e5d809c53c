// Runs another program (a compiler, npm) so that nothing of it outlives its use: a compiler's driver starts others, which a
// signal to the driver does not reach. All of them are one process group. It ends when the program ends, when we stop it, and
// when this process dies, be it by SIGKILL: the shell at the group's head holds the other end of a pipe that only this process
// can keep open. (PR_SET_PDEATHSIG would reach the driver alone; it is not inherited.) What stays out: what a failure means.
import { constants } from 'node:os';
import { atExit } from '../host/at-exit.ts';
import { machineLimit } from '../errors/machine-limits.ts';

/** Descriptor 3 is the pipe. The last line ends what the program has left behind; the shell itself does not heed it. */
const HEAD = `
exec 3<&0
"$@" </dev/null 3<&- & tool=$!
{ read -r _ <&3; kill -KILL 0; } &
wait "$tool"; code=$?
trap "" TERM; kill -TERM 0; exit "$code"`;

/** Exit codes of the shell: no such program, not executable, and 128 plus the number of a signal. */
const SHELL = { missing: 127, refused: 126, signal: 128 } as const;

/**
 * @property cwd where it runs, and where its temporary files go: what is killed cannot remove them
 * @property limitMs real milliseconds after which it is ended
 * @property env all of its environment, but for the locale; default: this process's own
 * @property signal ends it early; rejects with the signal's reason then, when nothing of it runs any more
 */
export interface ToolRun {
  readonly cwd: string;
  readonly limitMs: number;
  readonly env?: { readonly [name: string]: string };
  readonly signal?: AbortSignal | undefined;
}

/**
 * How a program ended, and what it printed.
 *
 * @property exitCode of one that `failed`
 */
export interface ToolEnd {
  readonly how: 'done' | 'failed' | 'missing' | 'late' | { readonly signal: string };
  readonly exitCode?: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program in the C locale, with nothing on its standard input.
 *
 * @throws the signal's reason; a harness error when no process can be started
 */
export async function runTool(program: string, args: readonly string[], run: ToolRun): Promise<ToolEnd> {
  const { execa } = await import('execa'); // most commands find all they need built, and start no tool
  run.signal?.throwIfAborted();
  const head = execa('/bin/sh', ['-c', HEAD, 'sh', program, ...args], {
    cwd: run.cwd,
    env: { ...run.env, LC_ALL: 'C', TMPDIR: run.cwd },
    extendEnv: run.env === undefined,
    stdin: 'pipe',
    detached: true,
    reject: false,
  });
  let late = false;
  const end = (): void => endGroup(head.pid);
  const timer = setTimeout(() => {
    late = true;
    end();
  }, run.limitMs);
  const forget = atExit(end);
  run.signal?.addEventListener('abort', end);
  // A head that was killed cannot end the others; while these live, no other group can have its number.
  head.nodeChildProcess.once('exit', (_code, signal) => {
    if (signal !== null) end();
  });
  try {
    const { exitCode, signal, stdout, stderr, cause } = await head;
    run.signal?.throwIfAborted();
    if (exitCode === undefined && signal === undefined)
      throw machineLimit(cause, `"${program}" could not be started`) ?? cause;
    const how = late ? 'late' : howOf(exitCode, signal);
    return { how, stdout, stderr, ...(how === 'failed' ? { exitCode } : {}) };
  } finally {
    clearTimeout(timer);
    forget();
    run.signal?.removeEventListener('abort', end);
  }
}

function howOf(code: number | undefined, signal: string | undefined): ToolEnd['how'] {
  if (signal !== undefined) return { signal };
  if (code === 0) return 'done';
  if (code === SHELL.missing || code === SHELL.refused) return 'missing';
  const killer = Object.entries(constants.signals).find(([, number]) => number + SHELL.signal === code)?.[0];
  return killer === undefined ? 'failed' : { signal: killer };
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}
