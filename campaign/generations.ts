// Generations of a campaign whose runs are drawn from what earlier ones have reached (the chooser `feedback`). The ranges of one may be made
// by anybody, in any order: what they have reached is kept, and whoever brings the last one takes all of it, in the order of run numbers,
// into the corpus from which the next generation is drawn. So it is the same for any workers. A range that is set aside has reached nothing.
import { Corpus, type CorpusState, type Reached } from '../harness/search/feedback.ts';
import type { RangeJob } from './queue.ts';
import type { RangeResult } from './range.ts';
import type { Spec } from './spec.ts';
import type { Sql } from './store/database.ts';

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

/** In a transaction that has locked the cell: when nothing is missing of the generation under way, the next one may be planned. */
export async function closeGeneration(
  sql: Sql,
  campaign: string,
  { seed, generation: runs }: Spec,
  cell: string,
): Promise<void> {
  if (runs === null) return;
  const [row] = await sql.query(
    `SELECT generation FROM lockstep.cells WHERE campaign = $1 AND cell = $2 AND next >= (generation + 1)::bigint * $3
       AND NOT EXISTS (SELECT 1 FROM lockstep.planned p WHERE p.campaign = $1 AND p.cell = $2 AND p.error IS NULL)`,
    [campaign, cell, runs],
  );
  if (row === undefined) return;
  const generation = Number(row['generation']);
  const corpus = new Corpus(seed, runs, await stateOf(sql, campaign, cell, generation));
  const rows = await sql.query(
    `DELETE FROM lockstep.coverage WHERE campaign = $1 AND cell = $2 RETURNING first::text AS first, runs`,
    [campaign, cell],
  );
  for (const { runs: reached } of rows.toSorted((a, b) => Number(a['first']) - Number(b['first'])))
    for (const one of reached as readonly Reached[]) corpus.take(one);
  await sql.query(
    `INSERT INTO lockstep.corpora (campaign, cell, generation, corpus) VALUES ($1, $2, $3, $4)
     ON CONFLICT (campaign, cell) DO UPDATE SET generation = excluded.generation, corpus = excluded.corpus`,
    [campaign, cell, generation + 1, JSON.stringify(corpus.state)],
  );
  await sql.query(`UPDATE lockstep.cells SET generation = $3 WHERE campaign = $1 AND cell = $2`, [
    campaign,
    cell,
    generation + 1,
  ]);
}

/** What the generations before one came to; undefined where there was none, or it is not the one under way. */
async function stateOf(sql: Sql, campaign: string, cell: string, generation: number): Promise<CorpusState | undefined> {
  const [row] = await sql.query(
    `SELECT corpus FROM lockstep.corpora WHERE campaign = $1 AND cell = $2 AND generation = $3`,
    [campaign, cell, generation],
  );
  return row?.['corpus'] as CorpusState | undefined;
}

/** The corpora of the cells that a worker is at, each read once a generation. */
export class Corpora {
  readonly #sql: Sql;
  readonly #campaign: string;
  readonly #spec: Spec;
  readonly #known = new Map<string, { readonly generation: number; readonly corpus: Corpus }>();

  constructor(sql: Sql, campaign: string, spec: Spec) {
    this.#sql = sql;
    this.#campaign = campaign;
    this.#spec = spec;
  }

  /**
   * Of which the runs of a range are drawn.
   *
   * @returns undefined where runs are drawn from their own numbers; `over` where somebody else has finished the range, since its generation
   *   is whole
   */
  async of({ cell, first }: RangeJob): Promise<Corpus | undefined | 'over'> {
    const { seed, generation: runs } = this.#spec;
    if (runs === null) return undefined;
    const generation = Math.floor(first / runs);
    const known = this.#known.get(cell);
    if (known?.generation === generation) return known.corpus;
    const state = await stateOf(this.#sql, this.#campaign, cell, generation);
    if (state === undefined && generation > 0) return 'over';
    const corpus = new Corpus(seed, runs, state);
    this.#known.set(cell, { generation, corpus });
    return corpus;
  }
}
