// How the ablation of a strategy is put: what was changed, what came of it, and what it costs. Plain strings, the same in every
// output and on the page. What stays out: which outcome it is (ablation.ts), and each output's escaping.
import { percent } from '../harness/model/percent.ts';
import type { ResultAblation, ResultVariant } from './results.ts';
import { count, figure, listOf } from './words.ts';

/** `without safe-read`, `with guard=adopt-kill`. */
export function variantName({ kind, part }: Pick<ResultVariant, 'kind' | 'part'>): string {
  return `${kind === 'removal' ? 'without' : 'with'} ${part}`;
}

const outcomes: Readonly<Record<ResultVariant['kind'], Readonly<Record<ResultVariant['outcome'], string>>>> = {
  removal: {
    fails: 'needed',
    gains: 'better without it',
    alike: 'nothing failed without it alone',
    unclear: 'not known',
  },
  addition: { fails: 'fails', gains: 'better with it', alike: 'nothing failed with it', unclear: 'not known' },
};

/** What came of a variant, in few words. It is never called needless: nothing failed without it, with a bound. */
export function outcomeOfVariant({ kind, outcome }: ResultVariant): string {
  return outcomes[kind][outcome];
}

type Place = ResultVariant['against'][number];

/** `wal-unlink-wedge on SQLite 3.50.4: no-stray-writes. gateway-1 wrote on to …`: where it fails, and why. */
export function againstWords({ scenario, engine, invariants, explanation }: Place): string {
  const where = `${scenario} on SQLite ${engine}: ${listOf(invariants)}.`;
  return explanation === '' ? where : `${where} ${explanation}`;
}

/** `wal-unlink-wedge (3.50.4 and 3.51.2) and checkpoint-race (3.50.4)`. */
export function placesWords(places: readonly Place[]): string {
  const byScenario = Map.groupBy(places, ({ scenario }) => scenario);
  return listOf([...byScenario].map(([scenario, some]) => `${scenario} (${listOf(some.map(({ engine }) => engine))})`));
}

/** What the runs of a variant are worth, as a sentence. */
export function evidenceWords({ outcome, also, places, runs, reached, upperBound }: ResultVariant): string {
  const made = `${count(runs, 'random run')}, ${figure(reached)} in the window`;
  const same = also.length === 0 ? '' : ` It fails as the whole does in ${placesWords(also)}.`;
  if (outcome === 'fails') return `${made}.${same}`;
  const more = also.length === 0 ? 'Nothing' : 'Nothing else';
  const all =
    places.run === places.of ? count(places.of, 'cell') : `${figure(places.run)} of ${count(places.of, 'cell')}`;
  const worth =
    upperBound === null
      ? also.length > 0 && outcome !== 'unclear'
        ? ''
        : ', too few for a bound in each'
      : `: a failure rate above ${percent(upperBound)} is ruled out in each (95 %)`;
  return `${more} failed in ${made}, in ${all}${worth}.${same}`;
}

/** What one part at a time does not show: for beside the table. */
export const oneAtATime =
  'One thing is changed at a time. Where two parts guard against the same thing, nothing fails without either: that nothing failed says no more than its bound.';

/** Why nothing was run of some variants, as sentences. */
export function skippedWords({ skipped }: ResultAblation): readonly string[] {
  return skipped.map((one) => `Not run, ${variantName(one)}: ${one.because}`);
}
