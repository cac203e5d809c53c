// What each part of a strategy is needed for, and what each other value would change: read off the cells of an ablation. A part is
// needed where the strategy fails without it, and does not fail with it. That nothing failed without it is told with its bound: it
// never says that the part is not needed. What stays out: which variants there are (src/strategies/variants.ts), and words.
import { coverageOf } from './standing.ts';
import type { ResultAblation, ResultCell, ResultVariant, Results } from './results.ts';
import { keyOf, violated } from './words.ts';

/** A variant before anything is known of it. */
export type AblationAsked = Pick<ResultAblation, 'strategy' | 'skipped'> & {
  readonly variants: readonly Pick<ResultVariant, 'strategy' | 'kind' | 'part' | 'changes'>[];
};

type Found = ResultVariant['against'][number];
type Places = readonly { readonly scenario: string; readonly engine: string }[];

/** Facts that say that it failed, how it ended, or who read what on the way there: no reason of it. */
const noReasons = ['violation', 'error', 'end', 'said', 'led-there'];

/** Why a cell fails, in a sentence: the last reason that its explanation tells, else what was violated. */
function sentenceOf({ explanation, violations }: ResultCell): string {
  const reasons = explanation.filter(({ kind }) => !noReasons.includes(kind));
  return reasons.at(-1)?.sentence ?? violations[0]?.message ?? '';
}

function foundIn(cell: ResultCell, invariants: readonly string[]): readonly Found[] {
  const { scenario, engine, plan } = cell;
  return invariants.length === 0
    ? []
    : [{ scenario, engine, invariants: [...invariants], plan, explanation: sentenceOf(cell) }];
}

/** Invariants that a cell fails; of one in which the harness failed, nothing is known. */
function failedIn(cell: ResultCell): readonly string[] {
  return cell.verdict === 'fail' ? violated(cell) : [];
}

/** Is it known that an invariant held in a cell, with a bound? */
function passes({ verdict, invariants }: ResultCell, name: string): boolean {
  return verdict === 'pass' || invariants.find((one) => one.name === name)?.verdict === 'pass';
}

type Cells = ReadonlyMap<string, ResultCell>;

function variantOf(
  asked: AblationAsked['variants'][number],
  whole: string,
  { cells, places }: { readonly cells: Cells; readonly places: Places },
): ResultVariant {
  const at = (strategy: string, place: Places[number]) => cells.get(keyOf({ ...place, strategy }));
  const pairs = places.map((place) => ({ own: at(asked.strategy, place), base: at(whole, place) }));
  const both = pairs.flatMap(({ own, base }) =>
    own === undefined || base === undefined || base.verdict === 'error' ? [] : [{ own, base }],
  );
  const mine = pairs.flatMap(({ own }) => own ?? []);
  const against = both.flatMap(({ own, base }) =>
    foundIn(
      own,
      failedIn(own).filter((name) => !failedIn(base).includes(name)),
    ),
  );
  const also = both.flatMap(({ own, base }) =>
    foundIn(
      own,
      failedIn(own).filter((name) => failedIn(base).includes(name)),
    ),
  );
  const gains = both.flatMap(({ own, base }) =>
    foundIn(
      base,
      failedIn(base).filter((name) => passes(own, name)),
    ),
  );
  const isAlike = ({ own, base }: (typeof pairs)[number]): boolean =>
    own?.verdict === 'pass' || (own?.verdict === 'fail' && base?.verdict === 'fail');
  return {
    ...asked,
    outcome: outcomeOf({ against, gains, alike: pairs.length > 0 && pairs.every(isAlike) }),
    against,
    also,
    gains,
    places: { run: mine.length, of: places.length },
    runs: mine.reduce((sum, { runs }) => sum + runs, 0),
    reached: mine.reduce((sum, { reached }) => sum + reached, 0),
    upperBound: boundOf(mine, places.length),
  };
}

function outcomeOf({
  against,
  gains,
  alike,
}: {
  readonly against: readonly Found[];
  readonly gains: readonly Found[];
  readonly alike: boolean;
}): ResultVariant['outcome'] {
  if (against.length > 0) return 'fails';
  if (gains.length > 0) return 'gains';
  return alike ? 'alike' : 'unclear';
}

/** The bound of the least certain pass; null unless every place passed. */
function boundOf(cells: readonly ResultCell[], places: number): number | null {
  const bounds = cells.flatMap(({ upperBound }) => upperBound ?? []);
  return bounds.length === places && places > 0 ? Math.max(...bounds) : null;
}

/**
 * The ablation table of a document, by its cells.
 *
 * @param asked which variants there are; what an earlier table says of them is made anew
 */
export function ablationOf(
  { strategy, variants, skipped }: AblationAsked,
  results: Pick<Results, 'about' | 'merged' | 'cells'>,
): ResultAblation {
  const cells = new Map(results.cells.map((cell) => [keyOf(cell), cell]));
  const places = placesOf(results, [strategy, ...variants.map((variant) => variant.strategy)]);
  return {
    strategy,
    variants: variants.map(({ strategy: name, kind, part, changes }) =>
      variantOf({ strategy: name, kind, part, changes }, strategy, { cells, places }),
    ),
    skipped,
  };
}

/**
 * Every scenario on every engine on which any strategy of the ablation was run; of a comparison that is not complete, all that it
 * was to run.
 */
function placesOf(
  { about, merged, cells }: Pick<Results, 'about' | 'merged' | 'cells'>,
  names: readonly string[],
): Places {
  if (!coverageOf({ about, merged }).complete)
    return about.scenarios.flatMap(({ name: scenario }) => about.engines.map((engine) => ({ scenario, engine })));
  const run = cells.filter(({ strategy }) => names.includes(strategy));
  return [
    ...new Map(run.map(({ scenario, engine }) => [JSON.stringify([scenario, engine]), { scenario, engine }])).values(),
  ];
}
