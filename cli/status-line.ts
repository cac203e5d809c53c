// What a person at a terminal sees while a command works: one line that lives, with the time it has taken; nothing elsewhere.
// What stays out: a comparison's (compare/progress.ts), which has more to say.
import type { Output } from './output.ts';
import { clock } from './words.ts';

/** Real milliseconds between two that are shown: runs may follow each other faster than anybody reads. */
const shownMsLeast = 100;

export class StatusLine implements Disposable {
  readonly #output: Output;
  readonly #began = performance.now();
  readonly #ticking: NodeJS.Timeout | undefined;
  #shownMs = -Infinity;
  #what = '';

  /** @param what is being done first */
  constructor(output: Output, what: string) {
    this.#output = output;
    this.#ticking = output.live ? setInterval(() => this.#show(), 1000) : undefined;
    this.says(what);
  }

  says(what: string): void {
    this.#what = what;
    if (performance.now() - this.#shownMs >= shownMsLeast) this.#show();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#ticking);
    this.#output.clearStatus();
  }

  #show(): void {
    this.#shownMs = performance.now();
    this.#output.status(`${this.#what} (${clock(this.#shownMs - this.#began)})`);
  }
}
