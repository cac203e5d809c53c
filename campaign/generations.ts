// Generations of a campaign, under choosers that go by what earlier runs have reached: `feedback` draws runs from others, `portfolio` has other
// shares when coverage stalls. The ranges of one may be made by anybody, in any order: what they have reached is kept, and whoever brings the
// last one takes all of it, in the order of run numbers, into what later runs go by. So it is the same for any workers. A range that is set
// aside has reached nothing.
import { Corpus, type CorpusState, type Reached } from '../harness/search/feedback.ts';
import type { Recipe } from '../harness/search/recipe.ts';
import type { RunReport } from '../harness/search/runner.ts';
import { firstAfterLook, lookBefore, looks, Met, type MetState } from '../harness/search/stall.ts';
import type { RangeJob } from './queue.ts';
import type { RangeResult } from './range.ts';
import type { Spec } from './spec.ts';
import type { Sql } from './store/database.ts';

/** What the runs of whole generations came to. */
export interface Learnt {
  readonly state: CorpusState | MetState;
  take(reached: Reached): void;
  /** All of a generation has been taken. @param end the first run after it */
  close?(end: number): void;
  /** Of a run whose generation can be made. */
  recipeOf(run: number): Recipe;
}

/** What to keep of a run, which belongs to a range. */
export type KeptOf = (report: RunReport) => Reached | undefined;

/**
 * How the runs of a cell are cut into generations, from number 0 on.
 *
 * @property endOf the first run after a generation; Infinity: nobody goes by what it reaches
 * @property plannedTo the first run that may not be planned before a generation is whole
 * @property neededFor how many generations must be whole before a run is made
 * @property exactly does a run go by just those, so that one of an earlier generation can't be made any more?
 */
export interface Generations {
  endOf(generation: number): number;
  plannedTo(generation: number): number;
  neededFor(run: number): number;
  readonly exactly: boolean;
  learnt(state: unknown): Learnt;
  keptOf(learnt: Learnt): KeptOf;
}

function ofFeedback(seed: number, runs: number): Generations {
  const endOf = (generation: number): number => (generation + 1) * runs;
  return {
    endOf,
    plannedTo: endOf,
    neededFor: (run) => Math.floor(run / runs),
    exactly: true,
    learnt: (state) => new Corpus(seed, runs, state as CorpusState | undefined),
    keptOf:
      () =>
      ({ reached }) =>
        reached,
  };
}

/** The first two end where coverage is looked at for the first time, and half way there; from then on each is as long as all before it. */
const ofPortfolio: Generations = {
  endOf: (generation) => {
    const end = (looks.least / 2) * 2 ** generation;
    return end > looks.most ? Infinity : end;
  },
  plannedTo: (generation) => firstAfterLook(Math.max(looks.least, ofPortfolio.endOf(generation))),
  neededFor: (run) => (lookBefore(run) === 0 ? 0 : Math.log2(lookBefore(run) / looks.least) + 2),
  exactly: false,
  learnt: (state) => new Met(state as MetState | undefined),
  keptOf: (learnt) => {
    const { met, curve } = learnt.state as MetState;
    if (curve.at(-1)?.[0] === looks.most) return () => undefined;
    const known = new Set(met);
    return ({ run, explored }) => {
      if (run >= looks.most) return undefined;
      const features = explored.meetings.filter((one) => !known.has(one));
      for (const one of features) known.add(one);
      return features.length === 0 ? undefined : { run, recipe: { root: run, changes: [] }, draws: {}, features };
    };
  },
};

/** @returns undefined where a run goes by nothing but its own number */
export function generationsOf({ chooser, seed, generation }: Pick<Spec, 'chooser' | 'seed' | 'generation'>) {
  if (chooser === 'portfolio') return ofPortfolio;
  return generation === null ? undefined : ofFeedback(seed, generation);
}

export async function keepCoverage(sql: Sql, campaign: string, cell: string, result: RangeResult): Promise<void> {
  const { first, coverage } = result;
  if (coverage.length === 0) return;
  await sql.query(`INSERT INTO lockstep.coverage (campaign, cell, first, runs) VALUES ($1, $2, $3, $4)`, [
    campaign,
    cell,
    first,
    JSON.stringify(coverage),
  ]);
}

/** In a transaction that has locked the cell: when nothing is missing of the generation under way, runs may go by it. The same of those after it. */
export async function closeGenerations(sql: Sql, campaign: string, spec: Spec, cell: string): Promise<void> {
  const generations = generationsOf(spec);
  if (generations === undefined) return;
  while (await closeNext(sql, campaign, generations, cell));
}

async function closeNext(sql: Sql, campaign: string, generations: Generations, cell: string): Promise<boolean> {
  const [row] = await sql.query(
    `SELECT generation, next::text AS next,
       (SELECT min(first)::text FROM lockstep.planned p WHERE p.campaign = $1 AND p.cell = $2 AND p.error IS NULL) AS missing
     FROM lockstep.cells WHERE campaign = $1 AND cell = $2`,
    [campaign, cell],
  );
  const generation = Number(row?.['generation']);
  const end = generations.endOf(generation);
  const made = Math.min(Number(row?.['next']), Number(row?.['missing'] ?? Infinity));
  if (!(made >= end) || end === Infinity) return false;
  const before = await readState(sql, campaign, cell);
  const learnt = generations.learnt(before?.state);
  const rows = await sql.query(
    `DELETE FROM lockstep.coverage WHERE campaign = $1 AND cell = $2 AND first < $3 RETURNING first::text AS first, runs`,
    [campaign, cell, end],
  );
  for (const { runs: reached } of rows.toSorted((a, b) => Number(a['first']) - Number(b['first'])))
    for (const one of reached as readonly Reached[]) learnt.take(one);
  learnt.close?.(end);
  await sql.query(
    `INSERT INTO lockstep.corpora (campaign, cell, generation, corpus) VALUES ($1, $2, $3, $4)
     ON CONFLICT (campaign, cell) DO UPDATE SET generation = excluded.generation, corpus = excluded.corpus`,
    [campaign, cell, generation + 1, JSON.stringify(learnt.state)],
  );
  await sql.query(`UPDATE lockstep.cells SET generation = $3 WHERE campaign = $1 AND cell = $2`, [
    campaign,
    cell,
    generation + 1,
  ]);
  return true;
}

/** What the whole generations came to; undefined where there is none yet. */
async function readState(sql: Sql, campaign: string, cell: string) {
  const [row] = await sql.query(`SELECT generation, corpus FROM lockstep.corpora WHERE campaign = $1 AND cell = $2`, [
    campaign,
    cell,
  ]);
  return row === undefined ? undefined : { whole: Number(row['generation']), state: row['corpus'] };
}

/** How the runs of a range are drawn, and what is kept of them. */
export interface Going {
  readonly recipeOf: (run: number) => Recipe;
  readonly keptOf: KeptOf;
}

/** What the cells that a worker is at go by, read when a range needs more. */
export class Goings {
  readonly #sql: Sql;
  readonly #campaign: string;
  readonly #generations: Generations | undefined;
  readonly #known = new Map<string, { readonly whole: number; readonly learnt: Learnt }>();

  constructor(sql: Sql, campaign: string, spec: Spec) {
    this.#sql = sql;
    this.#campaign = campaign;
    this.#generations = generationsOf(spec);
  }

  /**
   * What the runs of a range go by.
   *
   * @returns undefined where that is nothing but their own numbers; `over` where somebody else has finished the range, since its generation is
   *   whole
   */
  async of({ cell, first, count }: Pick<RangeJob, 'cell' | 'first' | 'count'>): Promise<Going | undefined | 'over'> {
    const generations = this.#generations;
    if (generations === undefined) return undefined;
    const needed = generations.neededFor(first + count - 1);
    const learnt = await this.#learnt(cell, needed, generations);
    return learnt === undefined
      ? 'over'
      : { recipeOf: (run) => learnt.recipeOf(run), keptOf: generations.keptOf(learnt) };
  }

  async #learnt(cell: string, needed: number, generations: Generations): Promise<Learnt | undefined> {
    const suits = (whole: number): boolean => (generations.exactly ? whole === needed : whole >= needed);
    const known = this.#known.get(cell);
    if (known !== undefined && suits(known.whole)) return known.learnt;
    const read = await readState(this.#sql, this.#campaign, cell);
    const whole = read?.whole ?? 0;
    if (!suits(whole) && generations.exactly) return undefined;
    if (!suits(whole)) throw new Error(`of ${cell} ${whole} generations are whole, and ${needed} are needed`);
    const learnt = generations.learnt(read?.state);
    this.#known.set(cell, { whole, learnt });
    return learnt;
  }
}
