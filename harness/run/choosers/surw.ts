// surw: selectively uniform random walk (Zhao, Wolff, Mathur, Roychoudhury: "Selectively Uniform Concurrency Testing", ASPLOS 2025). Of
// the steps by which lanes meet a few are interesting in this run, drawn by chance: first kinds of steps, then steps of those kinds. The
// lane that is to take the next interesting step is drawn in proportion to how many each has still to take (from a dry run), and so each
// order of interesting steps is about as likely as any other; until it gets there any lane may run, but none takes an interesting step
// of its own before. Between them lanes run free: a run costs few hand-overs.
//
// That steps are thinned out is not in the paper. Where all of them are interesting the likely orders are those in which all lanes come
// on at one pace, and most programs on a database take the same few kinds of steps over and over: what happens early in one lane would
// hardly ever meet what happens late in another.
import { below, type Random } from '../../model/random.ts';
import { type RawRecord, recordFlag } from '../../model/record.ts';
import type { StepLane, StepSink } from '../../model/step.ts';
import type { Choice, Chooser, Decision, StepKind } from '../chooser.ts';
import { mayWake, type Site, wakingKinds } from './sites.ts';

/** Interesting steps of a run, about, as a power of two. */
const stepsLog2 = { least: 1, most: 6 } as const;

/**
 * Steps of a lane of the kinds that are interesting.
 *
 * @property chosen those that are interesting, counted from 0 on, in order
 * @property at so many it has taken
 */
interface Course {
  readonly chosen: readonly number[];
  at: number;
}

export class SurwChooser implements Chooser, StepSink {
  readonly #random: Random;
  readonly #kinds: readonly StepKind[];
  readonly #ops: ReadonlySet<number>;
  readonly #roles: ReadonlySet<number>;
  /** Chance of a step of these kinds to be interesting. */
  readonly #share: number;
  /** So many steps of these kinds has a lane that the dry run did not have. */
  readonly #usual: number;
  readonly #courses = new Map<string, Course>();
  #intended: string | undefined;
  #running: string | undefined;

  constructor(random: Random, sites: readonly Site[]) {
    this.#random = random;
    this.#kinds = someOf(random, sites);
    this.#ops = new Set(this.#kinds.map(({ op }) => op));
    this.#roles = new Set(this.#kinds.map(({ role }) => role));
    const counts = new Map<string, number>();
    for (const site of sites)
      if (this.#isOfKind(site))
        for (const [lane, count] of site.steps) counts.set(lane, (counts.get(lane) ?? 0) + count);
    const all = [...counts.values()].reduce((sum, count) => sum + count, 0);
    const wanted = 2 ** (stepsLog2.least + below(random, stepsLog2.most - stepsLog2.least + 1));
    this.#share = Math.min(1, wanted / Math.max(1, all));
    this.#usual = Math.ceil(all / Math.max(1, counts.size));
    for (const [lane, count] of counts) this.#courses.set(lane, this.#courseOf(count));
  }

  see(_step: number, record: Readonly<RawRecord>, { name }: StepLane): void {
    if (!this.#isOfKind(record)) return;
    const course = this.#of(name);
    if (course.chosen.includes(course.at++) && this.#intended === name) this.#intended = this.#running = undefined;
  }

  choose({ ready, fallback, ahead }: Decision): Choice {
    const stands = (lane: string): boolean => this.#stands(lane, ahead(lane).record);
    const isPoint = (ahead(fallback).record.flags & recordFlag.switchPoint) !== 0;
    if (ready.length === 1 && isPoint)
      return mayWake(ahead(fallback).record)
        ? { lane: fallback, points: 1 }
        : { lane: fallback, before: { kinds: wakingKinds } };
    if (!isPoint) return this.#free(fallback, ahead(fallback).record);
    if (this.#intended === undefined || !ready.includes(this.#intended)) this.#intended = this.#draw(ready);
    const free = ready.filter((lane) => lane === this.#intended || !stands(lane));
    // Who runs goes on, up to an interesting step and over its own: less hand-overs, and nothing that is interesting differs.
    const goesOn = this.#running === fallback && free.includes(fallback);
    const lane = goesOn ? fallback : (free[below(this.#random, free.length)] ?? fallback);
    this.#running = lane;
    return this.#free(lane, ahead(lane).record);
  }

  /** A lane goes on up to its next interesting step, the one before which it stands left out. */
  #free(lane: string, pending: Readonly<RawRecord>): Choice {
    const { chosen, at } = this.#of(lane);
    const isFirst = this.#isOfKind(pending);
    const next = chosen.find((step) => step >= at + (isFirst ? 1 : 0));
    if (next === undefined) return { lane };
    return { lane, before: { kinds: this.#kinds, nth: next - at + (isFirst ? 0 : 1) } };
  }

  #stands(lane: string, pending: Readonly<RawRecord>): boolean {
    const { chosen, at } = this.#of(lane);
    return this.#isOfKind(pending) && chosen.includes(at);
  }

  /** As the gate has it: any of the operations on any of the roles. */
  #isOfKind({ op, role }: StepKind): boolean {
    return this.#ops.has(op) && this.#roles.has(role);
  }

  #of(lane: string): Course {
    let course = this.#courses.get(lane);
    if (course === undefined) this.#courses.set(lane, (course = this.#courseOf(this.#usual)));
    return course;
  }

  #courseOf(steps: number): Course {
    const all = Array.from({ length: steps }, (_, i) => i);
    return { chosen: all.filter(() => this.#random() < this.#share), at: 0 };
  }

  /** In proportion to what is left; where nothing is, all alike. */
  #draw(ready: readonly string[]): string | undefined {
    const left = ready.map((lane) => {
      const { chosen, at } = this.#of(lane);
      return chosen.filter((step) => step >= at).length;
    });
    const all = left.reduce((sum, count) => sum + count, 0);
    if (all === 0) return ready[below(this.#random, ready.length)];
    let at = below(this.#random, all);
    return ready.find((_, i) => (at -= left[i] ?? 0) < 0);
  }
}

/** As many as the dice say, each as likely as any other. */
function someOf(random: Random, sites: readonly Site[]): readonly Site[] {
  const left = [...sites];
  const count = sites.length === 0 ? 0 : 1 + below(random, sites.length);
  return Array.from({ length: count }, () => left.splice(below(random, left.length), 1)).flat();
}
