// Chance for generators of workloads and faults: times on a grid, choices, and pauses that open overlaps. What stays out:
// which incident they make up.
import { below, between } from '../../harness/model/random.ts';
import type { Fault } from '../../harness/model/fault.ts';
import type { Operation } from '../../harness/model/operations.ts';

/**
 * All times lie on this grid. Statements take no virtual time, so lanes can meet only when they wake at the same moment:
 * on a fine grid they hardly ever would, and no schedule could put one inside the other.
 */
const gridMs = 500;

export class Draw {
  readonly #random: () => number;
  readonly #onServer: boolean;

  /** @param random uniform in [0, 1). @param onServer the board is in a server: lanes ask there, and touch no file of it */
  constructor(random: () => number, onServer = false) {
    this.#random = random;
    this.#onServer = onServer;
  }

  chance(probability: number): boolean {
    return this.#random() < probability;
  }

  /** An integer, both ends included, and likelier than the rest. */
  between(from: number, to: number): number {
    return between(this.#random, from, to);
  }

  /** A time on the grid, both ends included, and likelier than the rest. */
  timeMs(fromMs: number, toMs: number): number {
    return gridMs * this.between(Math.ceil(fromMs / gridMs), Math.floor(toMs / gridMs));
  }

  /** So many times, in order. */
  timesMs(count: number, fromMs: number, toMs: number): readonly number[] {
    return this.many(count, () => this.timeMs(fromMs, toMs)).toSorted((a, b) => a - b);
  }

  many<T>(count: number, make: (index: number) => T): readonly T[] {
    return Array.from({ length: count }, (_, index) => make(index));
  }

  pick<T>(...choices: readonly [T, ...T[]]): T {
    return choices[below(this.#random, choices.length)] ?? choices[0];
  }

  /** One of these operations on the board's files; on a server, what is asked there. */
  act(...operations: readonly [Operation, ...Operation[]]): Operation {
    return this.#onServer ? 'ask' : this.pick(...operations);
  }

  /**
   * Pauses of these lanes before operations at which another may come between: in a checkpoint, at a lock, at a close. The
   * others go on through whole ticks meanwhile, which no preemption within one moment of virtual time allows.
   */
  pauses(count: number, lanes: readonly [string, ...string[]], nthMax: number, msMax: number): readonly Fault[] {
    return this.many(count, () => ({
      kind: 'pause',
      at: {
        lane: this.pick(...lanes),
        op: this.act('shmLock', 'unfetch', 'lock', 'unlock', 'sync', 'delete', 'close'),
        nth: this.between(1, nthMax),
      },
      ms: this.timeMs(gridMs, msMax),
    }));
  }
}
