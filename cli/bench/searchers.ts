// Warm searchers: so many coordinators in processes of their own, which search for one hit together, over and over with
// other options. The runs are those of search(), dealt out in turns. What stays out: what the times mean (measure.ts).
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { harnessError, LockstepError } from '../../harness/errors/errors.ts';
import type { RunnerOptions } from '../../harness/search/runner.ts';
import { coordinatorEnv } from '../../harness/host/child-env.ts';
import { Standstill } from '../../harness/host/standstill.ts';
import { sweepWorkplaces } from '../../harness/run/workplace.ts';
import {
  type FromSearcher,
  type SearcherSetting,
  type SearchOrder,
  stopSignal,
  type ToSearcher,
} from './searcher-words.ts';

/**
 * What one search took.
 *
 * @property seconds real, to the first confirmed hit; without one, to the end
 * @property busySeconds until every searcher was free again
 * @property runs of all searchers
 */
export interface SearchTime {
  readonly hit: boolean;
  readonly seconds: number;
  readonly busySeconds: number;
  readonly runs: number;
  readonly steps: number;
}

type Limits = Pick<SearchOrder, 'runs' | 'timeMs'>;

const program = fileURLToPath(new URL('./searcher-main.ts', import.meta.url));

/** Real milliseconds between two looks at a searcher. */
const lookMs = 1000;

class Searcher {
  readonly #child: ChildProcess;
  /** Before, the signal to stop would be its end. */
  #opened = false;
  /** Somebody has stopped it (SIGSTOP), and it was killed for that. */
  #stoodStill = false;

  constructor(setting: SearcherSetting) {
    // A process group of its own: a Ctrl-C is for the parent, which then says stop.
    this.#child = fork(program, [], {
      execArgv: ['--no-warnings'],
      detached: true,
      env: coordinatorEnv(),
    });
    this.#child.once('message', () => (this.#opened = true));
    this.#endStandstill();
    this.#send({ open: setting });
  }

  /** One that is stopped counts as dead. */
  #endStandstill(): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    const standstill = new Standstill(pid);
    const timer = setInterval(() => {
      if (standstill.look() !== undefined) this.#stoodStill = this.#child.kill('SIGKILL');
    }, lookMs);
    this.#child.once('exit', (_, signal) => {
      clearInterval(timer);
      if (signal !== null) sweepWorkplaces(); // it has not removed what it made
    });
  }

  /** Searches; `onHit` is called as soon as something is found. */
  search(order: SearchOrder, onHit: () => void): Promise<{ readonly runs: number; readonly steps: number }> {
    return new Promise((resolve, reject) => {
      const leave = (): void => void this.#child.off('message', hear).off('exit', died);
      const hear = (said: FromSearcher): void => {
        if ('opened' in said) return;
        if ('hit' in said) return onHit();
        leave();
        if ('ended' in said) resolve(said.ended);
        else reject(LockstepError.from(said.error));
      };
      const died = (code: number | null, signal: string | null): void => {
        leave();
        reject(searcherDied(this.#stoodStill ? 'stopped by a signal' : (signal ?? `exit code ${code}`)));
      };
      this.#child.on('message', hear).on('exit', died);
      this.#send({ search: order });
    });
  }

  stop(): void {
    if (this.#opened) this.#child.kill(stopSignal);
  }

  /** Ends it; it removes what it made. */
  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, 'exit');
    if (this.#child.connected) this.#child.disconnect();
    await gone;
  }

  #send(message: ToSearcher): void {
    this.#child.send(message);
  }
}

function searcherDied(how: string): Error {
  return harnessError(
    'SEARCHER_DIED',
    `A search of the bench died (${how}).`,
    'Run the search by itself, with `npx lockstep run`, to see why.',
  );
}

export class Searchers {
  readonly #all: readonly Searcher[];

  /** Starts so many; the first search waits for them. */
  constructor(count: number, setting: SearcherSetting) {
    this.#all = Array.from({ length: count }, () => new Searcher(setting));
  }

  /**
   * One search of all together, up to the first hit or to the limits.
   *
   * @param limits `runs` for each of them
   * @param stop asked now and then; true ends the search
   */
  async search(options: RunnerOptions, limits: Limits, stop: () => boolean = () => false): Promise<SearchTime> {
    const began = performance.now();
    let hitMs: number | undefined;
    const onHit = (): void => {
      hitMs ??= performance.now() - began;
      this.#stop();
    };
    const watch = setInterval(() => {
      if (stop() || hitMs !== undefined) this.#stop(); // again, for one that could not hear it yet
    }, 50);
    try {
      const stride = this.#all.length;
      const searches = this.#all.map((one, first) => one.search({ options, first, stride, ...limits }, onHit));
      const done = await Promise.all(searches);
      const busyMs = performance.now() - began;
      return {
        hit: hitMs !== undefined,
        seconds: (hitMs ?? busyMs) / 1000,
        busySeconds: busyMs / 1000,
        runs: done.reduce((sum, { runs }) => sum + runs, 0),
        steps: done.reduce((sum, { steps }) => sum + steps, 0),
      };
    } finally {
      clearInterval(watch);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#all.map((one) => one.close()));
  }

  #stop(): void {
    for (const one of this.#all) one.stop();
  }
}
