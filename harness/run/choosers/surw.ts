// surw: selectively uniform random walk (Zhao, Wolff, Mathur, Roychoudhury: "Selectively Uniform Concurrency Testing", ASPLOS 2025). Of
// the resources that lanes meet in some are interesting in this run, drawn by chance. The lane that is to take the next interesting
// step is drawn in proportion to how many each has still to take (from a dry run), and so each order of interesting steps is about as
// likely as any other; until it gets there any lane may run, but none takes an interesting step before it. Between interesting steps
// lanes run free: a run costs few hand-overs.
import { below, type Random } from '../../model/random.ts';
import { type RawRecord, recordFlag } from '../../model/record.ts';
import type { StepLane, StepSink } from '../../model/step.ts';
import type { Ahead, Choice, Chooser, Decision, StepKind } from '../chooser.ts';
import { mayWake, resourcesOf, type Site, wakingKinds } from './sites.ts';

/** Most of the sites that are interesting in one run. */
const sitesMost = 6;

/** Of the steps on them one in so many is, as a power of two: from each one to one in 64. */
const thinnestLog2 = 6;

/** Interesting steps of a lane: which of those on interesting sites, counted from 0 on. */
interface Course {
  readonly chosen: ReadonlySet<number>;
  at: number;
}

export class SurwChooser implements Chooser, StepSink {
  readonly #random: Random;
  readonly #sites: ReadonlySet<string>;
  readonly #kinds: readonly StepKind[];
  readonly #share: number;
  readonly #courses = new Map<string, Course>();
  /** Steps on the sites that a lane takes which the dry run did not have. */
  readonly #usual: number;
  #intended: string | undefined;
  #running: string | undefined;

  constructor(random: Random, sites: readonly Site[]) {
    this.#random = random;
    const chosen = someOf(random, sites);
    this.#share = 2 ** -below(random, thinnestLog2 + 1);
    this.#sites = new Set(chosen.map(({ name }) => name));
    this.#kinds = chosen.flatMap(({ kinds }) => kinds);
    const counts = new Map<string, number>();
    for (const { steps } of chosen)
      for (const [lane, count] of steps) counts.set(lane, (counts.get(lane) ?? 0) + count);
    for (const [lane, count] of counts) this.#courses.set(lane, this.#courseOf(count));
    const all = [...counts.values()];
    this.#usual = all.length === 0 ? 1 : Math.ceil(all.reduce((sum, count) => sum + count, 0) / all.length);
  }

  see(_step: number, record: Readonly<RawRecord>, lane: StepLane): void {
    if ((record.flags & recordFlag.switchPoint) === 0) return;
    if (!this.#isOnSite(record, lane.files[record.file] ?? '')) return;
    const course = this.#of(lane.name);
    if (course.chosen.has(course.at) && this.#intended === lane.name) this.#intended = this.#running = undefined;
    course.at++;
  }

  choose({ ready, fallback, ahead }: Decision): Choice {
    if (ready.length === 1)
      return mayWake(ahead(fallback).record) ? { lane: fallback, points: 1 } : { lane: fallback, before: wakingKinds };
    if ((ahead(fallback).record.flags & recordFlag.switchPoint) === 0) return { lane: fallback, before: this.#kinds };
    if (this.#intended === undefined || !ready.includes(this.#intended)) this.#intended = this.#draw(ready);
    const waits = (lane: string): boolean => lane !== this.#intended && this.#stands(lane, ahead(lane));
    const free = ready.filter((lane) => !waits(lane));
    // Who runs goes on, up to an interesting step and over its own: less hand-overs, and nothing that is interesting differs.
    const goesOn = this.#running === fallback && free.includes(fallback);
    const lane = goesOn ? fallback : (free[below(this.#random, free.length)] ?? fallback);
    this.#running = lane;
    return { lane, before: this.#kinds };
  }

  /** Does a lane stand before an interesting step? */
  #stands(lane: string, { record, file }: Ahead): boolean {
    const { chosen, at } = this.#of(lane);
    return chosen.has(at) && this.#isOnSite(record, file);
  }

  #isOnSite(record: Readonly<RawRecord>, file: string): boolean {
    for (const name of resourcesOf(record, file).keys()) if (this.#sites.has(name)) return true;
    return false;
  }

  #of(lane: string): Course {
    let course = this.#courses.get(lane);
    if (course === undefined) this.#courses.set(lane, (course = this.#courseOf(this.#usual)));
    return course;
  }

  #courseOf(steps: number): Course {
    const all = Array.from({ length: steps }, (_, i) => i);
    return { chosen: new Set(all.filter(() => this.#random() < this.#share)), at: 0 };
  }

  /** In proportion to what is left; where nothing is, all alike. */
  #draw(ready: readonly string[]): string | undefined {
    const left = ready.map((lane) => {
      const { chosen, at } = this.#of(lane);
      return [...chosen].filter((step) => step >= at).length;
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
  const count = Math.min(sites.length, 1 + below(random, sitesMost));
  return Array.from({ length: count }, () => left.splice(below(random, left.length), 1)).flat();
}
