// Random priorities of lanes: the highest that is ready goes on. When they change is the chooser's (pct.ts).
//
// A lane that is asleep is not ready, in a busy retry too, and virtual time moves only when nobody is ready: so the
// highest lane cannot spin on a lock that a lower one holds. Where sleeps return at once (a sleep of no time, or any
// sleep once the plan's end is reached) it could, so a lane that gives way drops below all others. A lane that waited for a mutex of its
// process goes on at the next decision after it was given back, since giving one back is no decision (run/run.ts).
import type { Random } from '../../model/random.ts';
import type { Decision } from '../chooser.ts';

export class Priorities {
  readonly #random: Random;
  readonly #least: number;
  readonly #priorities = new Map<string, number>();
  #yields = 0;
  #last: { readonly lane: string; readonly ready: readonly string[] } | undefined;

  /** @param least lanes begin in random order above it */
  constructor(random: Random, least: number) {
    this.#random = random;
    this.#least = least;
  }

  /** Takes in who is there. */
  meet(decision: Decision): void {
    for (const lane of decision.ready) this.#of(lane);
    const gaveWay = this.#gaveWay(decision);
    if (gaveWay !== undefined) this.#priorities.set(gaveWay, -++this.#yields);
  }

  /** The priority of the lane that went on last becomes another one. */
  lower(priority: number): void {
    if (this.#last !== undefined) this.#priorities.set(this.#last.lane, priority);
  }

  /** The highest goes on. */
  take({ ready }: Decision): string {
    const lane = ready.reduce((high, other) => (this.#of(other) > this.#of(high) ? other : high));
    this.#last = { lane, ready };
    return lane;
  }

  #of(lane: string): number {
    const known = this.#priorities.get(lane);
    if (known !== undefined) return known;
    const priority = this.#least + this.#random();
    this.#priorities.set(lane, priority);
    return priority;
  }

  /**
   * The lane that ran last, if it can run and is no longer the one to go on, while another one was ready all the time:
   * time cannot have passed, so it asked to stand still and was not let.
   */
  #gaveWay({ ready, fallback }: Decision): string | undefined {
    if (this.#last === undefined) return undefined;
    const { lane, ready: before } = this.#last;
    if (lane === fallback || !ready.includes(lane)) return undefined;
    return before.some((other) => other !== lane && ready.includes(other)) ? lane : undefined;
  }
}
