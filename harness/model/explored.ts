// What runs have explored, counted: *meetings* (a lane touches something after another lane, one of them changing it), of which a run has many;
// and *orders* (all meetings of a run, in their order on each thing), of which it has one. What stays out: following a run
// (run/choosers/coverage.ts), what the counts say of the unseen (unseen.ts), and words (reports/).
import { z } from 'zod';

const count = z.int().min(0);

/** Far more points than a curve has: they stand at powers of the square root of two. */
const pointsMost = 200;
const pairsMost = 100;

/**
 * @property seen different ones
 * @property once seen in just one run; `twice`: in just two
 * @property alone runs that saw one which no other run did
 */
const kindsSchema = z.strictObject({ seen: count, once: count, twice: count, alone: count });
export type Kinds = z.infer<typeof kindsSchema>;

/**
 * What random runs have explored.
 *
 * @property runs that were drawn by chance, independently of each other but for who made their schedules (search/stall.ts)
 * @property pairs runs in which `after` touched a file of this name after `before` did, one of the two changing it; the most frequent ones
 * @property curve after so many runs so many meetings were known: `[runs, meetings]`
 */
export const exploredSchema = z.strictObject({
  runs: count,
  meetings: kindsSchema,
  orders: kindsSchema,
  pairs: z
    .array(z.strictObject({ file: z.string(), before: z.string(), after: z.string(), runs: count }))
    .max(pairsMost),
  curve: z.array(z.tuple([count, count])).max(pointsMost),
});
export type Explored = z.infer<typeof exploredSchema>;
export type Pair = Explored['pairs'][number];

/** What one run has explored. */
export interface RunExplored {
  readonly meetings: readonly number[];
  readonly order: string;
  /** `file`, `before` and `after`, with tabs between. */
  readonly pairs: readonly string[];
}

/** Of a run whose counts are in a tally. */
export const nothingExplored: RunExplored = { meetings: [], order: '', pairs: [] };

/** Each with in how many runs it was, and, where that is one, its number. */
type SpeciesState = readonly (readonly [species: number | string, runs: number, only: number | null])[];

/** A tally as JSON, to go on from. */
export interface ExploredState {
  readonly runs: number;
  readonly meetings: SpeciesState;
  readonly orders: SpeciesState;
  readonly pairs: SpeciesState;
  readonly curve: Explored['curve'];
}

/** Species of one kind, in how many runs each was; of those in one run, which. */
class Species {
  readonly #runs = new Map<number | string, number>();
  readonly #only = new Map<number | string, number>();

  constructor(state: SpeciesState = []) {
    for (const [one, runs, only] of state) {
      this.#runs.set(one, runs);
      if (only !== null) this.#only.set(one, only);
    }
  }

  see(run: number, all: readonly (number | string)[]): void {
    for (const one of new Set(all)) {
      const before = this.#runs.get(one) ?? 0;
      this.#runs.set(one, before + 1);
      if (before === 0) this.#only.set(one, run);
      else this.#only.delete(one);
    }
  }

  get kinds(): Kinds {
    let twice = 0;
    for (const runs of this.#runs.values()) if (runs === 2) twice++;
    return { seen: this.#runs.size, once: this.#only.size, twice, alone: new Set(this.#only.values()).size };
  }

  get seen(): number {
    return this.#runs.size;
  }

  get state(): SpeciesState {
    return [...this.#runs].map(([one, runs]) => [one, runs, this.#only.get(one) ?? null]);
  }
}

/** The curve has a point after so many runs: 1, 2, 3, 4, 6, 8, 11, 16, … */
function isPoint(runs: number): boolean {
  const power = Math.round(2 * Math.log2(runs));
  return Math.round(2 ** (power / 2)) === runs;
}

/** Counts what runs have explored, run by run. */
export class ExploredTally {
  readonly #meetings: Species;
  readonly #orders: Species;
  readonly #pairs: Species;
  readonly #curve: [number, number][];
  #runs: number;

  /** @param state of an earlier tally: this one goes on from it */
  constructor(state?: ExploredState) {
    this.#meetings = new Species(state?.meetings);
    this.#orders = new Species(state?.orders);
    this.#pairs = new Species(state?.pairs);
    this.#curve = [...(state?.curve ?? [])];
    this.#runs = state?.runs ?? 0;
  }

  add({ meetings, order, pairs }: RunExplored): void {
    const run = this.#runs++;
    this.#meetings.see(run, meetings);
    this.#orders.see(run, [order]);
    this.#pairs.see(run, pairs);
    if (isPoint(this.#runs)) this.#curve.push([this.#runs, this.#meetings.seen]);
  }

  get state(): ExploredState {
    const [meetings, orders, pairs] = [this.#meetings, this.#orders, this.#pairs].map(({ state }) => state);
    return { runs: this.#runs, meetings: meetings ?? [], orders: orders ?? [], pairs: pairs ?? [], curve: this.#curve };
  }

  get runs(): number {
    return this.#runs;
  }

  /** As in {@link Explored}, without the last point where that is none of its own. */
  get curve(): Explored['curve'] {
    return this.#curve;
  }

  get explored(): Explored {
    const isWhole = this.#runs === 0 || this.#curve.at(-1)?.[0] === this.#runs;
    return {
      runs: this.#runs,
      meetings: this.#meetings.kinds,
      orders: this.#orders.kinds,
      pairs: pairsOf(this.#pairs.state),
      curve: [...this.#curve, ...(isWhole ? [] : [[this.#runs, this.#meetings.seen] as [number, number]])],
    };
  }
}

/** The most frequent ones. */
function pairsOf(state: SpeciesState): Pair[] {
  const frequent = state.toSorted(([one, a], [other, b]) => b - a || (String(one) < String(other) ? -1 : 1));
  return frequent.slice(0, pairsMost).map(([text, runs]) => {
    const [file = '', before = '', after = ''] = String(text).split('\t');
    return { file, before, after, runs };
  });
}
