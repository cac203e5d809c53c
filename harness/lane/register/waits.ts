// What the program waits for that other lanes bring: ends of processes that it has started. What stays out: timers (clock.ts).
import { asks, type ProcessOfRun } from './process-of-run.ts';

/** @property look tries whether it has come, and tells whoever waits. Result: it has */
export interface Awaited {
  readonly look: () => boolean;
}

export class Waits {
  readonly #process: ProcessOfRun;
  readonly #awaited = new Set<Awaited>();

  constructor(process: ProcessOfRun) {
    this.#process = process;
  }

  get any(): boolean {
    return this.#awaited.size > 0;
  }

  add(awaited: Awaited): void {
    this.#awaited.add(awaited);
  }

  /**
   * Stands still until something of it may have come.
   *
   * @param ms virtual; undefined: as long as it takes
   */
  wait(ms: number | undefined): void {
    if (this.#look()) return;
    asks(this.#process, { kind: 'await', key: 'kernel', timeoutMs: ms });
    this.#look();
  }

  #look(): boolean {
    const came = [...this.#awaited].filter((awaited) => awaited.look());
    for (const awaited of came) this.#awaited.delete(awaited);
    return came.length > 0;
  }
}
