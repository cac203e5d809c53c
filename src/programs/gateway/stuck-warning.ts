// The dispatcher's own alarm: tasks are ready, tick after tick, and no worker starts. It logs, nothing more, as reported.
import type { World } from '../../../harness/lane/world.ts';

const badTicksMax = 6;
const warnEveryMs = 300_000;

export class StuckWarning {
  readonly #world: World;
  #badTicks = 0;
  #warnedMs = -Infinity;

  constructor(world: World) {
    this.#world = world;
  }

  /**
   * A tick is over.
   *
   * @param seen waiting: tasks are ready still · started: how many workers it started
   */
  see(seen: { readonly waiting: boolean; readonly started: number }): void {
    this.#badTicks = seen.waiting && seen.started === 0 ? this.#badTicks + 1 : 0;
    if (this.#badTicks < badTicksMax || this.#world.now() - this.#warnedMs < warnEveryMs) return;
    this.#warnedMs = this.#world.now();
    this.#world.observe('dispatcher-stuck', { gateway: this.#world.process, ticks: this.#badTicks });
  }
}
