// Warm searchers: so many coordinators in processes of their own, which search for one hit together, over and over with
// other options. The runs are those of search(), dealt out in turns, but each by its own number: `portfolio` keeps its
// usual shares, and `feedback` draws every run anew. What stays out: what the times mean (measure.ts).
import { fileURLToPath } from 'node:url';
import { harnessError, LockstepError } from '../../harness/errors/errors.ts';
import type { RunnerOptions } from '../../harness/search/runner.ts';
import { OwnProcess } from '../../harness/search/own-process.ts';
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

class Searcher {
  readonly #process: OwnProcess<FromSearcher>;
  #hear: (said: FromSearcher) => void = () => {};

  constructor(setting: SearcherSetting) {
    this.#process = new OwnProcess<FromSearcher>(program, (said) => this.#hear(said));
    this.#tell({ open: setting });
  }

  /** Searches; `onHit` is called as soon as something is found. */
  async search(order: SearchOrder, onHit: () => void): Promise<{ readonly runs: number; readonly steps: number }> {
    const process = this.#process;
    const ended = new Promise<Exclude<FromSearcher, { readonly hit: unknown }>>((resolve) => {
      this.#hear = (said) => ('hit' in said ? onHit() : resolve(said));
    });
    this.#tell({ search: order });
    process.asked = true;
    const said = await Promise.race([ended, process.over.then((over) => ({ over }))]).finally(
      () => (process.asked = false),
    );
    if ('ended' in said) return said.ended;
    if ('error' in said) throw LockstepError.from(said.error);
    throw 'error' in said.over ? said.over.error : searcherDied(said.over.how);
  }

  /** Before its first word the signal would be its end. */
  stop(): void {
    if (this.#process.isStarted) this.#process.signal(stopSignal);
  }

  /** See {@link OwnProcess.close}. */
  close(): Promise<void> {
    return this.#process.close();
  }

  #tell(message: ToSearcher): void {
    this.#process.tell(message);
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
