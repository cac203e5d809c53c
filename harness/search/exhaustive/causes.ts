// What comes of a schedule, told from the runs so far: so that of the schedules that differ in the order of independent steps
// only, one is run.
//
// A lane is deterministic: what it does in a segment (course.ts) follows from what it has done before, from the time, and from
// what it finds in the things that it touches (observe/footprint.ts). What it finds in a thing is what the last segment that
// changed it has left, and, where it changes it itself, who has touched it since: a lock that is shared is not to be had alone.
// So a segment is named by its causes: the segment of the same lane before it, the time, and what it finds in each thing that
// it touches. Where a lane stands after a known segment, and finds what another known one has found, the lane does
// that one again, whatever else has happened; this is said without running it. A segment that nobody can tell the footprint of depends on all that has happened.
//
// Who can go on is no thing in a footprint, but it changes only where a lane stands still, ends, or wakes others, or where
// nothing can be told of a footprint. The order of such segments is kept as it is (`order`), and names who can go on.
//
// The last segments of all lanes, with that order, name the whole run but for the order of what is independent. Two runs with the same name have done and
// left the same. This is what dynamic partial-order reduction is after (Flanagan and Godefroid, POPL 2005), and of each class
// of equivalent schedules exactly one is run, as in optimal reduction (Abdulla, Aronis, Jonsson, Sagonas, POPL 2014). But
// nothing is left out of the search itself: every schedule within the bound is gone through, if only in thought. So no places must be
// added for the sake of the bound, as where races say what to try (Coons, Musuvathi, McKinley, OOPSLA 2013). Naming states
// by their causes is from CHESS (Musuvathi and Qadeer, MSR-TR-2007-12).
//
// What is compared is what lanes do and leave: observations, contents of files, locks. Marks may count other moments.
import { LockstepError } from '../../errors/errors.ts';
import type { Course, Segment } from './course.ts';
import { CausedThings, type KnownSegment, LeftThings, nothing, type Things, type Touch } from './things.ts';

/** Who can go on where lanes stand: nobody, at the end. */
export type Standing = Pick<Segment, 'ready' | 'fallback' | 'nowMs'>;

const over: Standing = { ready: [], fallback: '', nowMs: Infinity };

/**
 * Where a run has come to.
 *
 * @property at number of the next step
 * @property standing undefined where no run has shown who can go on
 */
export class Moment {
  readonly at: number;
  readonly standing: Standing | undefined;
  readonly order: number;
  /** The last segment of each lane. */
  readonly #last: ReadonlyMap<string, number>;
  readonly #things: Things;

  constructor(
    { at = 0, order = nothing, standing }: Partial<Pick<Moment, 'at' | 'order' | 'standing'>>,
    things: Things,
    last: ReadonlyMap<string, number> = new Map(),
  ) {
    this.at = at;
    this.standing = standing;
    this.order = order;
    this.#things = things;
    this.#last = last;
  }

  lastOf(lane: string): number {
    return this.#last.get(lane) ?? nothing;
  }

  /** What a segment finds in a thing (things.ts). */
  foundIn(thing: string, changed: boolean): string {
    return this.#things.found(thing, changed);
  }

  /** Names all that has happened, but for the order of what is independent; by states, but for what has left no trace. */
  get name(): string {
    const lanes = [...this.#last].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([lane, last]) => `${lane} ${last}`);
    return `${this.order}: ${lanes.join(', ')}; ${this.#things.name}`;
  }

  /** After one segment more. */
  after(lane: string, segment: KnownSegment, order: number, standing: Standing | undefined): Moment {
    const next = { at: this.at + segment.steps, order, standing };
    return new Moment(next, this.#things.after(segment), new Map(this.#last).set(lane, segment.name));
  }
}

/** What the runs so far have shown. */
export class CauseBook {
  /** From when on a lane is asked to stop, which no footprint says. */
  readonly #horizonMs: number;
  readonly #untouched: Things;
  readonly #names = new Map<string, number>();
  /** By lane, its segment before, and time. */
  readonly #segments = new Map<string, KnownSegment[]>();
  /** By order, and what follows on it. */
  readonly #standings = new Map<number, Standing>();

  /** @param how what a segment finds is told: by causes, or by states (things.ts) */
  constructor(horizonMs: number, how: 'causes' | 'states' = 'causes') {
    this.#horizonMs = horizonMs;
    this.#untouched = how === 'causes' ? new CausedThings() : new LeftThings();
  }

  /** Before the first step. */
  begin(): Moment {
    return new Moment({ standing: this.#standings.get(nothing) }, this.#untouched);
  }

  /**
   * Where a run comes to when this lane goes on.
   *
   * @returns undefined where no run has shown it
   */
  next(moment: Moment, lane: string): Moment | undefined {
    const known = this.segmentOf(moment, lane);
    return known && this.#after(moment, lane, known);
  }

  /** What this lane does when it goes on; undefined where no run has shown it. */
  segmentOf(moment: Moment, lane: string): KnownSegment | undefined {
    const { standing } = moment;
    return standing && this.#find(moment, lane, standing.nowMs);
  }

  /** The name of a run that goes on with this lane, and then as by default; undefined where it cannot be told. */
  foretold(from: Moment, to: string): string | undefined {
    let moment = this.next(from, to);
    while (moment?.standing !== undefined && moment.standing !== over)
      moment = this.next(moment, moment.standing.fallback);
    return moment?.standing === undefined ? undefined : moment.name;
  }

  /**
   * Enters a run.
   *
   * @returns its name
   * @throws where it contradicts another run
   */
  enter({ segments }: Course): string {
    this.#stand(nothing, segments[0]);
    let moment = this.begin();
    for (const [index, segment] of segments.entries()) {
      const known = this.#known(moment, segment);
      const order = this.#orderAfter(moment, known);
      if (order !== moment.order) this.#stand(order, segments[index + 1]);
      moment = this.#after(moment, segment.lane, known);
      agree(moment.standing, standingOf(segments[index + 1]));
    }
    return moment.name;
  }

  #after(moment: Moment, lane: string, known: KnownSegment): Moment {
    const order = this.#orderAfter(moment, known);
    const standing =
      order === moment.order ? moment.standing && { ...moment.standing, fallback: lane } : this.#standings.get(order);
    return moment.after(lane, known, order, standing);
  }

  #orderAfter({ order }: Moment, { name, touches, wakes, stands }: KnownSegment): number {
    return stands || wakes || touches === undefined ? this.#nameOf(`order ${order} ${name}`) : order;
  }

  #stand(order: number, segment: Segment | undefined): void {
    const known = this.#standings.get(order);
    if (known === undefined) this.#standings.set(order, standingOf(segment));
    else agree(known, standingOf(segment));
  }

  #find(moment: Moment, lane: string, nowMs: number): KnownSegment | undefined {
    return this.#segments
      .get(`${lane} ${moment.lastOf(lane)} ${nowMs}`)
      ?.find(({ touches, everything }) =>
        touches === undefined
          ? everything === moment.name
          : touches.every(({ thing, changed, found }) => moment.foundIn(thing, changed) === found),
      );
  }

  /** A segment of a run, which may have been had before. */
  #known(moment: Moment, segment: Segment): KnownSegment {
    const { lane, nowMs, steps, wakes, stands, altered, holds } = segment;
    const touches = this.#touchesOf(moment, segment);
    const found = this.#find(moment, lane, nowMs);
    if (found !== undefined) {
      const isSame =
        found.steps === steps && found.wakes === wakes && causesOf(found) === causesOf({ ...found, touches });
      if (!isSame) throw contradicts();
      return found;
    }
    const key = `${lane} ${moment.lastOf(lane)} ${nowMs}`;
    const everything = touches === undefined ? moment.name : '';
    const name = this.#nameOf(`${key} ${causesOf({ touches, everything })}`);
    const known = { name, touches, everything, steps, wakes, stands, altered, holds };
    const others = this.#segments.get(key);
    if (others === undefined) this.#segments.set(key, [known]);
    else others.push(known);
    return known;
  }

  #touchesOf(moment: Moment, { footprint, nowMs }: Segment): readonly Touch[] | undefined {
    if (footprint.opaque || nowMs >= this.#horizonMs) return undefined;
    return [...footprint.things].map(([thing, changed]) => ({ thing, changed, found: moment.foundIn(thing, changed) }));
  }

  #nameOf(causes: string): number {
    const name = this.#names.get(causes) ?? this.#names.size + 1;
    this.#names.set(causes, name);
    return name;
  }
}

function causesOf({ touches, everything }: Pick<KnownSegment, 'touches' | 'everything'>): string {
  return touches === undefined
    ? `after ${everything}`
    : touches.map(({ thing, changed, found }) => `${thing} ${changed ? 'changed' : 'read'} ${found}`).join(';');
}

function standingOf(segment: Segment | undefined): Standing {
  if (segment === undefined) return over;
  const { ready, fallback, nowMs } = segment;
  return { ready, fallback, nowMs };
}

function agree(foretold: Standing | undefined, shown: Standing): void {
  const said = ({ ready, fallback, nowMs }: Standing): string => `${ready.join()} ${fallback} ${nowMs}`;
  if (foretold !== undefined && said(foretold) !== said(shown)) throw contradicts();
}

/** @returns the error for a run that came out otherwise than its causes say */
export function contradicts(): LockstepError {
  return new LockstepError(
    'harness',
    'REDUCTION_CONTRADICTED',
    'A run came out otherwise than others with the same causes: what its steps depend on is not all known.',
    'Run every schedule, with `--reduction none`, and report this.',
  );
}
