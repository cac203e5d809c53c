// Starts simulated processes of the Node host (lane/host.ts): a whole Node each. What stays out: the native host.
import type { ChildProcess, SpawnOptions } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { harnessError } from '../errors/errors.ts';
import { adoptOrphans, keepTo } from '../host/native.ts';
import { spawnOwn } from '../host/spawn.ts';
import { laneCodeCache, laneEnv } from '../host/child-env.ts';
import { allProcessors } from '../host/processors.ts';
import { notStarted } from './process-errors.ts';
import { noOrphans, type ProcessStarter, type Started, startMs, type StartOrder } from './starter.ts';
import { Stuck, waitForEnd } from '../host/waiting.ts';

const host = fileURLToPath(new URL('../lane/host.ts', import.meta.url));

/**
 * Starts its arguments in the background, says their process id, and exits: they are an orphan then, adopted by the
 * nearest subreaper. They wait for that (lane/host.ts).
 */
const launcher = 'LOCKSTEP_LAUNCHER=$$ "$@" >>"$0" 2>&1 & echo $! >"$0.pid"';

function logged(path: string): string {
  return readFileSync(path, 'utf8');
}

export class NodeStarter implements ProcessStarter {
  readonly #binding: string;
  readonly #gate: string;

  /**
   * @param binding SQLite binding of the engine under test, absolute path
   * @param gate the compiled gate, absolute path
   */
  constructor(binding: string, gate: string) {
    this.#binding = binding;
    this.#gate = gate;
    mkdirSync(laneCodeCache(), { recursive: true });
  }

  start(order: StartOrder): Started {
    const { main, threads, writable, detached } = order;
    const job = {
      binding: this.#binding,
      gate: this.#gate,
      ...main,
      writable: [...writable, laneCodeCache()],
      threads,
    };
    const command = [process.execPath, '--no-warnings', host, JSON.stringify(job)] as const;
    const child = detached ? undefined : this.#spawn(command, order);
    const pid = child?.pid ?? this.#launch(command, order);
    keepTo(pid, allProcessors); // it starts beside the run
    return { pid, child };
  }

  close(): void {}

  #spawn(
    command: readonly [string, ...string[]],
    { logPath, worlds }: StartOrder,
  ): ChildProcess & { readonly pid: number } {
    const log = openSync(logPath, 'a');
    try {
      // A process group of its own: a Ctrl-C at the terminal is for the coordinator alone.
      const options: SpawnOptions = {
        cwd: worlds,
        detached: true,
        env: laneEnv(worlds),
        stdio: ['ignore', log, log],
      };
      const child = spawnOwn('a simulated process', command, options);
      child.unref(); // a coordinator that was forgotten must not keep the program alive
      return child;
    } finally {
      closeSync(log);
    }
  }

  /** Result: the process id of the orphan. */
  #launch(command: readonly string[], order: StartOrder): number {
    if (!adoptOrphans()) throw harnessError(noOrphans.code, noOrphans.message, noOrphans.remedy);
    const { logPath, stop } = order;
    const pidPath = `${logPath}.pid`;
    const launched = this.#spawn(['/bin/sh', '-c', launcher, logPath, ...command], order);
    try {
      const end = waitForEnd(launched.pid, { limitMs: startMs, stop });
      if (end instanceof Stuck) throw notStarted('the launcher of an orphan', end, logged(logPath));
      const pid = Number(readFileSync(pidPath, 'utf8'));
      if (pid > 1) return pid;
      throw notStarted('an orphan', undefined, logged(logPath));
    } catch (error) {
      launched.kill('SIGKILL');
      throw error;
    } finally {
      rmSync(pidPath, { force: true });
    }
  }
}
