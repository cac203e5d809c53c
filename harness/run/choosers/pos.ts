// pos: partial-order sampling (Yuan, Yang, Gu: "Partial Order Aware Concurrency Sampling", CAV 2018). The step before which each lane
// stands has a random priority, and the highest is taken; the priorities of those that race with it are drawn anew. Steps race unless
// they are independent as for `exhaustive` (observe/footprint.ts); one that nobody could tell of goes first. It decides at every switch
// point: many hand-overs.
import type { Random } from '../../model/random.ts';
import { recordFlag } from '../../model/record.ts';
import { addStep, Footprint, lockLevel } from '../../observe/footprint.ts';
import type { Ahead, Choice, Chooser, Decision } from '../chooser.ts';
import { addIndex, mayWake, wakingKinds } from './sites.ts';

/** What a lane does by its next step, and until the one after it. */
function footprintOf({ record, file }: Ahead): Footprint {
  const footprint = new Footprint();
  addStep(footprint, record, file, lockLevel.none);
  addIndex(footprint, record, file);
  return footprint;
}

class PosChooser implements Chooser {
  readonly #random: Random;
  /** Of the steps before which lanes stand. */
  readonly #priorities = new Map<string, number>();

  constructor(random: Random) {
    this.#random = random;
  }

  choose({ ready, fallback, ahead }: Decision): Choice {
    if (ready.length === 1)
      return mayWake(ahead(fallback).record)
        ? { lane: fallback, points: 1 }
        : { lane: fallback, before: { kinds: wakingKinds } };
    if ((ahead(fallback).record.flags & recordFlag.switchPoint) === 0) return { lane: fallback, points: 1 };
    const footprints = new Map(ready.map((lane) => [lane, footprintOf(ahead(lane))]));
    const unseen = ready.find((lane) => isUnseen(footprints.get(lane)));
    if (unseen !== undefined) return this.#take(unseen);
    for (const lane of ready) if (!this.#priorities.has(lane)) this.#priorities.set(lane, this.#random());
    const lane = ready.reduce((high, other) => (this.#of(other) > this.#of(high) ? other : high));
    const taken = footprints.get(lane);
    for (const [other, footprint] of footprints)
      if (taken !== undefined && !footprint.isIndependentOf(taken)) this.#priorities.delete(other);
    return this.#take(lane);
  }

  #of(lane: string): number {
    return this.#priorities.get(lane) ?? 0;
  }

  /** Its next step will be another one. */
  #take(lane: string): Choice {
    this.#priorities.delete(lane);
    return { lane, points: 1 };
  }
}

function isUnseen(footprint: Footprint | undefined): boolean {
  return footprint !== undefined && !footprint.opaque && footprint.things.size === 0;
}

export function posChooser(random: Random): Chooser {
  return new PosChooser(random);
}
