// What a person hears while the first use of something compiles it: that it does, how long that takes, and that it goes on. What
// stays out: building.
import { cacheHome } from '../harness/host/cache-home.js';
import type { Output } from './output.ts';
import { clock } from './words.ts';

/** Where no terminal is, a line comes after so many real milliseconds of silence: a compiler says nothing of its own. */
const quietMsMost = 20_000;

/** Silent until something is built. */
export class Building implements Disposable {
  readonly #output: Output;
  #began: number | undefined;
  #saidMs = 0;
  #last = '';
  #ticking: NodeJS.Timeout | undefined;

  constructor(output: Output) {
    this.#output = output;
  }

  /** Takes a line of the build. */
  readonly says = (line: string): void => {
    if (this.#began === undefined) {
      this.#began = performance.now();
      this.#ticking = setInterval(() => this.#goesOn(), 500);
      this.#tell(`what is missing here is compiled once, which can take a minute or two, and kept in ${cacheHome()}`);
    }
    this.#last = line;
    this.#tell(line);
  };

  [Symbol.dispose](): void {
    if (this.#began === undefined) return;
    clearInterval(this.#ticking);
    this.#output.progress(`that took ${clock(performance.now() - this.#began)}`);
  }

  #tell(line: string): void {
    this.#saidMs = performance.now();
    this.#output.progress(line);
  }

  #goesOn(): void {
    const now = performance.now();
    const line = `compiling for ${clock(now - (this.#began ?? now))}; last begun: ${this.#last}`;
    this.#output.status(line);
    if (!this.#output.live && now - this.#saidMs > quietMsMost) this.#tell(line);
  }
}
