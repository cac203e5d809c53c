// How each strategy stands in a comparison: which of its cells failed, passed, or say nothing, and which are missing. Pure
// functions of the result document; the page counts with them too. What stays out: words (answer.ts).
import type { ResultCell, Results } from './results.ts';
import { type MissingShards, missingShards } from './shards.ts';
import { keyOf } from './words.ts';

/** A place of the matrix, whatever the strategy. */
export interface Place {
  readonly scenario: string;
  readonly engine: string;
}

/**
 * failed: some cell failed · error: none failed, but the harness did in one · inconclusive: neither, but some cell shows
 * nothing · partial: all its cells passed, but it was not run everywhere · survived: it passed everywhere · absent: it
 * was not run
 */
export type Standing = 'failed' | 'error' | 'inconclusive' | 'partial' | 'survived' | 'absent';

/**
 * A strategy and its cells, each list in the order of the document.
 *
 * @property missing places where others were run (in a comparison that is not complete: all places) and it was not
 * @property runs of all its cells together, replays not counted
 */
export interface StrategyStanding {
  readonly strategy: string;
  readonly standing: Standing;
  readonly cells: readonly ResultCell[];
  readonly failed: readonly ResultCell[];
  readonly errors: readonly ResultCell[];
  readonly inconclusive: readonly ResultCell[];
  readonly passed: readonly ResultCell[];
  readonly missing: readonly Place[];
  readonly runs: number;
}

/**
 * What of a comparison is not in the document.
 *
 * @property complete all of it is there
 * @property interrupted it, or one of the parts that were merged, was stopped before its end
 * @property shards those that are not there, for each split (shards.ts); empty when some machine did the whole, or one split is
 *   there in full
 */
export interface Coverage {
  readonly complete: boolean;
  readonly interrupted: boolean;
  readonly shards: readonly MissingShards[];
}

/** What is in the document, and what is not. */
export function coverageOf({ about, merged }: Pick<Results, 'about' | 'merged'>): Coverage {
  const parts = merged ?? [about];
  const interrupted = parts.some((part) => part.interrupted);
  const shards = missingShards(parts);
  return { complete: !interrupted && shards.length === 0, interrupted, shards };
}

/**
 * Places where a strategy must have passed to have survived everything: wherever anybody was run, and each scenario at
 * least once. Of a comparison that is not complete, every scenario on every engine: what is still to come is not known.
 */
function placesOf({ about, cells }: Results, complete: boolean): readonly Place[] {
  const run = new Map<string, Place>();
  for (const { scenario, engine } of cells) run.set(JSON.stringify([scenario, engine]), { scenario, engine });
  for (const { name: scenario, engine } of about.scenarios) {
    const engines = complete ? [engine] : about.engines;
    if (complete && [...run.values()].some((place) => place.scenario === scenario)) continue;
    for (const each of engines) run.set(JSON.stringify([scenario, each]), { scenario, engine: each });
  }
  return [...run.values()];
}

function standingOf(strategy: string, cells: readonly ResultCell[], places: readonly Place[]): StrategyStanding {
  const of = (verdict: ResultCell['verdict']): readonly ResultCell[] =>
    cells.filter((cell) => cell.verdict === verdict);
  const [failed, errors, inconclusive, passed] = [of('fail'), of('error'), of('inconclusive'), of('pass')];
  const run = new Set(cells.map(keyOf));
  const missing = places.filter((place) => !run.has(keyOf({ ...place, strategy })));
  const runs = cells.reduce((sum, cell) => sum + cell.runs, 0);
  let standing: Standing = 'survived';
  if (missing.length > 0) standing = 'partial';
  if (inconclusive.length > 0) standing = 'inconclusive';
  if (errors.length > 0) standing = 'error';
  if (failed.length > 0) standing = 'failed';
  if (cells.length === 0) standing = 'absent';
  return { strategy, standing, cells, failed, errors, inconclusive, passed, missing, runs };
}

/** Each strategy of the comparison, in the order of the document. */
export function standingsOf(results: Results): readonly StrategyStanding[] {
  const { about, cells } = results;
  const places = placesOf(results, coverageOf(results).complete);
  const strategies = new Set([...about.strategies.map(({ name }) => name), ...cells.map(({ strategy }) => strategy)]);
  return [...strategies].map((strategy) => {
    const own = cells.filter((cell) => cell.strategy === strategy);
    return standingOf(strategy, own, places);
  });
}
