// Dynamic partial-order reduction: every order of dependent segments of one plan, whatever number of preemptions it takes. Source sets with
// sleep sets (Abdulla, Aronis, Jonsson, Sagonas: "Optimal Dynamic Partial Order Reduction", POPL 2014, algorithm 1; races as in Flanagan and
// Godefroid, POPL 2005): where two segments of a course race, the later one is tried before the earlier one, and nothing else is.
//
// The walk goes through what the runs so far have shown (causes.ts), in thought. A run is made where a lane does something that no run has
// shown, and where a course that is known to its end has a name that no run has. So of each class of equivalent schedules exactly one is
// run, as in optimal reduction, and what source sets try in vain costs no run. It needs no sleep sets within a run: a segment that
// nobody has seen has causes that no class so far has.
//
// Two segments depend on each other where one changes what the other touches, where nothing can be told of one, and where both may change
// who can go on. That a lane could not go on before another's segment orders the two, but is no race: there is nothing to turn round.
// What stays out: making runs, and what came of them (exhaust.ts).
import type { CauseBook, Moment } from './causes.ts';
import type { KnownSegment } from './things.ts';

/** A segment of a course, as a plan lists it where it is a preemption. */
export interface Turn {
  readonly at: number;
  readonly lane: string;
  readonly fallback: string;
}

/**
 * @property book what the runs so far have shown
 * @property run makes the run that begins with these turns and goes on by default, and enters it in the book
 * @property isKnown has a run with this name been made?
 * @property pause now and then: lets others have the processor, and throws where the walk is to end
 */
export interface RaceWalk {
  readonly book: CauseBook;
  readonly run: (turns: readonly Turn[]) => Promise<void>;
  readonly isKnown: (name: string) => boolean;
  readonly pause: () => Promise<void>;
}

/** Segments that are gone through in thought between two pauses. */
const pauseEvery = 256;

/** Of each lane, the number of its last event that happened before. */
type Clock = ReadonlyMap<string, number>;

interface Taken {
  readonly lane: string;
  readonly segment: KnownSegment;
  readonly clock: Clock;
}

/**
 * A moment of the course that is looked at.
 *
 * @property asleep lanes whose next segment leads to classes that were all gone through
 * @property toTry lanes to go on with, those with which it went on included
 * @property taken how the course goes on from here; undefined at its end
 */
interface Place {
  readonly moment: Moment;
  readonly ready: readonly string[];
  readonly fallback: string;
  readonly asleep: Map<string, KnownSegment>;
  readonly toTry: Set<string>;
  taken: Taken | undefined;
}

/** May it change who can go on? */
function movesOthers({ stands, wakes, touches }: KnownSegment): boolean {
  return stands || wakes || touches === undefined;
}

/** Of two lanes, with both of them ready. */
export function areDependent(one: KnownSegment, other: KnownSegment): boolean {
  if (one.touches === undefined || other.touches === undefined) return true;
  if (movesOthers(one) && movesOthers(other)) return true;
  const theirs = other.touches;
  return one.touches.some(({ thing, changed }) =>
    theirs.some((touch) => touch.thing === thing && (touch.changed || changed)),
  );
}

export class RaceSearch {
  readonly #walk: RaceWalk;
  readonly #course: Place[] = [];
  #thought = 0;

  constructor(walk: RaceWalk) {
    this.#walk = walk;
  }

  /** Segments that were gone through in thought. */
  get thought(): number {
    return this.#thought;
  }

  async go(): Promise<void> {
    await this.#arrive(new Map(), () => this.#walk.book.begin());
    for (let place = this.#course.at(-1); place !== undefined; place = this.#course.at(-1)) {
      const lane = [...place.toTry].find((one) => !place.asleep.has(one));
      if (lane === undefined) this.#leave();
      else await this.#goOn(place, lane);
    }
  }

  /** Takes a place in: with one lane to try, or none where the course ends or all that follows is known. */
  async #arrive(asleep: Map<string, KnownSegment>, find: () => Moment): Promise<void> {
    let moment = find();
    if (moment.standing === undefined) {
      await this.#walk.run(this.#turns());
      moment = find();
    }
    if (moment.standing === undefined) throw new Error('a run does not show who can go on');
    const { ready, fallback } = moment.standing;
    if (ready.length === 0 && !this.#walk.isKnown(moment.name)) await this.#walk.run(this.#turns());
    const first = asleep.has(fallback) ? ready.find((lane) => !asleep.has(lane)) : fallback;
    const toTry = new Set(ready.length === 0 || first === undefined ? [] : [first]);
    this.#course.push({ moment, ready, fallback, asleep, toTry, taken: undefined });
  }

  async #goOn(place: Place, lane: string): Promise<void> {
    if (++this.#thought % pauseEvery === 0) await this.#walk.pause();
    const { book } = this.#walk;
    const { moment, fallback } = place;
    if (book.segmentOf(moment, lane) === undefined)
      await this.#walk.run([...this.#turns(), { at: moment.at, lane, fallback }]);
    const segment = book.segmentOf(moment, lane);
    if (segment === undefined) throw new Error(`a run does not show what ${lane} does`);
    place.taken = { lane, segment, clock: this.#turnRound(lane, segment) };
    const asleep = [...place.asleep].filter(([, other]) => !areDependent(other, segment));
    await this.#arrive(new Map(asleep), () => book.next(moment, lane) ?? raise());
  }

  #leave(): void {
    this.#course.pop();
    const before = this.#course.at(-1);
    if (before?.taken === undefined) return;
    before.asleep.set(before.taken.lane, before.taken.segment);
    before.taken = undefined;
  }

  #turns(): readonly Turn[] {
    return this.#course.flatMap(({ moment: { at }, fallback, taken }) =>
      taken === undefined ? [] : [{ at, lane: taken.lane, fallback }],
    );
  }

  /**
   * Notes what is to be tried before what, for the segment that comes next: of those that race with it, the last first.
   *
   * @returns what has happened before it, itself included
   */
  #turnRound(lane: string, segment: KnownSegment): Clock {
    const events = this.#course.flatMap(({ taken }) => taken ?? []);
    const clock = new Map<string, number>();
    const join = (index: number): void => {
      for (const [one, last] of events[index]?.clock ?? []) clock.set(one, Math.max(last, clock.get(one) ?? -1));
    };
    const own = events.findLastIndex((one) => one.lane === lane);
    join(own);
    join(this.#letGoOn(lane, own));
    for (let index = events.length - 1; index >= 0; index--) {
      const event = events[index];
      if (event === undefined || (clock.get(event.lane) ?? -1) >= index || !areDependent(event.segment, segment))
        continue;
      this.#tryBefore(index, lane, clock, events);
      join(index);
    }
    return clock.set(lane, events.length);
  }

  /** The last event before which a lane could not go on, of those after its own; -1 for none. */
  #letGoOn(lane: string, own: number): number {
    for (let index = this.#course.length - 2; index > own; index--)
      if (this.#course[index]?.ready.includes(lane) === false) return index;
    return -1;
  }

  /** Something is tried before this event that leads to the lane's next segment without it. */
  #tryBefore(index: number, lane: string, causes: Clock, events: readonly Taken[]): void {
    const place = this.#course[index];
    const event = events[index];
    if (place === undefined || event === undefined) return;
    const isAfter = ({ clock }: Taken): boolean => (clock.get(event.lane) ?? -1) >= index;
    /** Of each lane its first one that does not come of the event. */
    const firsts = new Map<string, { readonly at: number; readonly clock: Clock }>();
    for (const [at, one] of events.entries())
      if (at > index && !firsts.has(one.lane) && !isAfter(one)) firsts.set(one.lane, { at, clock: one.clock });
    if (!firsts.has(lane)) firsts.set(lane, { at: events.length, clock: causes });
    const canBeFirst = [...firsts].flatMap(([name, { clock }]) => {
      const comesOf = [...firsts].some(([other, { at }]) => other !== name && (clock.get(other) ?? -1) >= at);
      return comesOf || !place.ready.includes(name) ? [] : [name];
    });
    if (canBeFirst.some((name) => place.toTry.has(name))) return;
    // Where none of them can go on there, it is not known what lets them.
    const [first] = canBeFirst.includes(lane) ? [lane] : canBeFirst;
    for (const name of first === undefined ? place.ready : [first]) place.toTry.add(name);
  }
}

function raise(): never {
  throw new Error('what was known is not known any more');
}
