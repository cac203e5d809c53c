// What a segment finds in the things that it touches, after the segments so far: two ways to tell it.
//
// By causes: the segment that changed a thing last, and, for who changes it himself, those that have touched it since: a lock that is shared is
// not to be had alone.
//
// By states: where a change leaves a thing as it was, nobody can tell that it was made. So a sync, a close, and an open of what is there
// already do not count, and a lock is what is held of it, whoever has had it before. The states of processes are not seen: what a lane has
// found so far names its own.
// What stays out: which steps touch what (observe/footprint.ts), and leave it as it was (course.ts).
import type { Segment } from './course.ts';

/** Before anything is done. */
export const nothing = 0;

/** A thing that a segment touches. @property found what it finds there: {@link Things.found} */
export interface Touch {
  readonly thing: string;
  readonly changed: boolean;
  readonly found: string;
}

/**
 * A segment that some run has had.
 *
 * @property touches undefined where it depends on everything
 * @property everything name of all that had happened before, where it depends on that
 * @property altered, holds see {@link Segment.altered}
 * @property stands see {@link Segment.stands}: as the first run had it. Where it says so and another does not, more is kept in order than must be
 */
export interface KnownSegment {
  readonly name: number;
  readonly touches: readonly Touch[] | undefined;
  readonly everything: string;
  readonly steps: number;
  readonly wakes: boolean;
  readonly stands: boolean;
  readonly altered: Segment['altered'];
  readonly holds: Segment['holds'];
}

export interface Things {
  /** @param changed by who finds it: only who changes a lock meets those that share it */
  found(thing: string, changed: boolean): string;
  after(segment: KnownSegment): Things;
  /** Names how things stand, as far as the last segments of all lanes do not. */
  readonly name: string;
}

/** What has been done to a thing: by the segment that changed it last, and by those that have touched it since, in the order of names. */
interface Past {
  readonly change: number;
  readonly since: readonly number[];
}

export class CausedThings implements Things {
  readonly name = '';
  readonly #pasts: ReadonlyMap<string, Past>;
  readonly #rest: Past;

  /** @param rest what changed everything that is not in `pasts` */
  constructor(pasts: ReadonlyMap<string, Past> = new Map(), rest: number = nothing) {
    this.#pasts = pasts;
    this.#rest = { change: rest, since: [] };
  }

  found(thing: string, changed: boolean): string {
    const { change, since } = this.#pasts.get(thing) ?? this.#rest;
    return changed ? [change, ...since].join('+') : String(change);
  }

  after({ name, touches }: KnownSegment): Things {
    if (touches === undefined) return new CausedThings(new Map(), name);
    const pasts = new Map(this.#pasts);
    for (const { thing, changed } of touches) {
      const { change, since } = pasts.get(thing) ?? this.#rest;
      const past = changed
        ? { change: name, since: [] }
        : { change, since: [...since, name].toSorted((a, b) => a - b) };
      pasts.set(thing, past);
    }
    return new CausedThings(pasts, this.#rest.change);
  }
}

export class LeftThings implements Things {
  /** By which segment each was made what it is. */
  readonly #makers: ReadonlyMap<string, number>;
  readonly #rest: number;
  /** Of each lock who holds what. */
  readonly #holders: ReadonlyMap<string, ReadonlyMap<string, string>>;

  constructor(
    makers: ReadonlyMap<string, number> = new Map(),
    rest: number = nothing,
    holders: ReadonlyMap<string, ReadonlyMap<string, string>> = new Map(),
  ) {
    this.#makers = makers;
    this.#rest = rest;
    this.#holders = holders;
  }

  found(thing: string, changed: boolean): string {
    const holders = [...(this.#holders.get(thing) ?? [])].filter(([, hold]) => changed || hold !== 'shared');
    const held = holders.map(([holder, hold]) => `${holder} ${hold}`).toSorted();
    return [this.#makers.get(thing) ?? this.#rest, ...held].join('+');
  }

  after({ name, touches, altered, holds }: KnownSegment): Things {
    if (touches === undefined) return new LeftThings(new Map(), name);
    const makers = new Map(this.#makers);
    for (const { thing } of touches) if (altered.has(thing)) makers.set(thing, name);
    if (holds.size === 0) return new LeftThings(makers, this.#rest, this.#holders);
    const all = new Map(this.#holders);
    for (const [lock, changes] of holds) {
      const now = new Map(all.get(lock));
      for (const [holder, hold] of changes) {
        // Before what nobody could tell of, it may have held something.
        if (hold === 'none' && this.#rest === nothing) now.delete(holder);
        else now.set(holder, hold === 'unknown' ? `after ${name}` : hold);
      }
      all.set(lock, now);
    }
    return new LeftThings(makers, this.#rest, all);
  }

  get name(): string {
    const made = [...this.#makers].map(([thing, maker]) => `${thing} ${maker}`).toSorted();
    const held = [...this.#holders].flatMap(([lock, holders]) =>
      [...holders].map(([holder, hold]) => `${lock} ${holder} ${hold}`),
    );
    return [...made, ...held.toSorted()].join(', ');
  }
}
