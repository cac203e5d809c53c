// What an ablation says, in sentences of the answer: which parts are needed, without which nothing failed, which other values
// fail. What stays out: the table (page/, markdown.ts).
import { percent } from '../harness/model/percent.ts';
import { placesWords, variantName } from './ablation-words.ts';
import type { ResultVariant, Results } from './results.ts';
import { type Pieces, say, type Sentence, series } from './sentence.ts';
import { count, figure } from './words.ts';

/** So many variants are named in a sentence; the table has all. */
const namedMost = 6;

type Outcome = ResultVariant['outcome'];

/** `without safe-read (wal-unlink-wedge (3.50.4)), without leader (…)`, each a link to its row. */
function listed(variants: readonly ResultVariant[], tell: (variant: ResultVariant) => string = () => ''): Pieces {
  const shown = variants.length > namedMost ? variants.slice(0, namedMost - 1) : variants;
  const more = variants.length - shown.length;
  return series([
    ...shown.map((variant): Pieces => [{ text: variantName(variant), strategy: variant.strategy }, tell(variant)]),
    ...(more === 0 ? [] : [[`${figure(more)} more`]]),
  ]);
}

const whereItFails = ({ against }: ResultVariant): string => ` in ${placesWords(against)}`;

/** The bound of the least certain of these, which is that of all. */
function boundWords(variants: readonly ResultVariant[]): string {
  const bounds = variants.map(({ upperBound }) => upperBound);
  const worst = Math.max(...bounds.map((bound) => bound ?? 1));
  return bounds.includes(null)
    ? ''
    : `; a failure rate above ${percent(worst)} in the window is ruled out in each cell (95 %)`;
}

export function ablationSentences({ ablation }: Pick<Results, 'ablation'>): readonly Sentence[] {
  if (ablation === undefined) return [];
  const { strategy, variants } = ablation;
  const of = (kind: ResultVariant['kind'], outcome: Outcome): readonly ResultVariant[] =>
    variants.filter((one) => one.kind === kind && one.outcome === outcome);
  const all = (kind: ResultVariant['kind']): number => variants.filter((one) => one.kind === kind).length;
  const told = (some: readonly ResultVariant[], pieces: () => Pieces): readonly Sentence[] =>
    some.length === 0 ? [] : [say('ablation', ...pieces())];
  const parts = `Of ${count(all('removal'), 'part')} of ${strategy}`;
  const values = `Of ${count(all('addition'), 'other value')}`;
  const [needed, quiet, open] = [of('removal', 'fails'), of('removal', 'alike'), of('removal', 'unclear')];
  const [failing, harmless, unknown] = [of('addition', 'fails'), of('addition', 'alike'), of('addition', 'unclear')];
  const better = variants.filter(({ outcome }) => outcome === 'gains');
  return [
    ...told(needed, () => [
      `${parts}, ${figure(needed.length)} ${needed.length === 1 ? 'is' : 'are'} needed. It fails `,
      ...listed(needed, whereItFails),
      '.',
    ]),
    ...told(quiet, () => [
      'Nothing more failed ',
      ...listed(quiet),
      `, ${quiet.length === 1 ? '' : 'each '}taken away alone${boundWords(quiet)}. That does not say that it holds without.`,
    ]),
    ...told(open, () => ['Too little was run to say what becomes of it ', ...listed(open), '.']),
    ...told(failing, () => [
      `${values}, ${figure(failing.length)} ${failing.length === 1 ? 'makes' : 'make'} it fail: `,
      ...listed(failing, whereItFails),
      '.',
    ]),
    ...told(better, () => [
      'It passes where the whole fails ',
      ...listed(better, ({ gains }) => ` in ${placesWords(gains)}`),
      '.',
    ]),
    ...told(harmless, () => [`${values}, nothing more failed with ${figure(harmless.length)}${boundWords(harmless)}.`]),
    ...told(unknown, () => [`${values}, too little was run to say what becomes of it with ${figure(unknown.length)}.`]),
  ];
}
