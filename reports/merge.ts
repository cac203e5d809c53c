// Result documents of several machines, or of shards, as one. What is there once is taken over; what is there more than once
// is put together so that it says no more than was seen:
// - One failing run settles it: `fail` wins over everything, and keeps its plan. A cell in which the harness failed anywhere
//   is never a pass. Otherwise the runs of all documents together make a pass, or do not (harness/model/verdict.ts).
// - Runs depend on seed and number alone. So with another seed they are others: runs, steps and marks add up, and the bound
//   is that of the sum; but where a search repeated itself its draws are few, and those of another seed may be the same. With the same seed the fewer runs are the first of the more: those are counted once. When they
//   contradict each other (one fails in a run that passed elsewhere), the documents are refused, since then one of them is
//   not to be trusted.
// - Shipped plans are the same under every seed: their replays are counted once. Marks do not say which of them replays
//   reached, so those that may be the same replays are counted once too.
// - Documents of another version, other code, another chooser or other lengths of runs are refused: their runs are draws of another kind.
// - Of ablations the table is made anew, by the merged cells; those of two strategies are refused.
// - Costs of two machines do not compare: those of the first document that has any are kept, and `about` is that machine.
// The order in which documents are given makes no difference. What stays out: files of cells, which the caller copies from
// beside the document that `origins` names.
import { complaintText } from '../harness/model/reading/complaints.ts';
import { borneOut, judgeClaim, judgedTogether } from '../harness/model/judge-claim.ts';
import { defaultBound } from '../harness/model/verdict.ts';
import { ablationOf } from './ablation.ts';
import { ReportError } from './errors.ts';
import { type Contribution, mergeCell } from './merge-cell.ts';
import { type About, type ResultCell, type ResultClaim, type Results, resultsFormat } from './results.ts';
import { missingShards } from './shards.ts';
import { cellOf, keyOf } from './words.ts';

/** @property path where the document lies; for sentences, and for `origins` */
export interface ResultDocument {
  readonly path: string;
  readonly results: Results;
}

/**
 * @property origins for each cell of `results`, in its order: the path of the document beside which its plans and its
 *   evidence lie
 */
export interface Merged {
  readonly results: Results;
  readonly origins: readonly string[];
}

/** What must be the same in all documents, as a person calls it. */
const alike: readonly (readonly [
  field: 'version' | 'code' | 'chooser' | 'short' | 'bound',
  what: string,
  remedy: string,
])[] = [
  ['version', 'Lockstep version', 'Make them anew with one version.'],
  ['code', 'code digest', 'Make them anew from one commit without changes; to see what changed, use --baseline.'],
  ['chooser', 'chooser', 'Make them anew with one --chooser, or report them one by one.'],
  ['short', '--short', 'Make them anew all with it or all without, or report them one by one.'],
  ['bound', '--bound', 'Make them anew with one --bound, or report them one by one.'],
];

function checkSame(documents: readonly ResultDocument[]): void {
  const [first, ...rest] = documents;
  if (first === undefined) {
    throw new ReportError('MERGE_NOTHING', 'There is no result document to merge.', 'Name at least one results.json.');
  }
  for (const [field, what, remedy] of alike) {
    const mine = first.results.about[field];
    const other = rest.find(({ results }) => results.about[field] !== mine);
    if (other === undefined) continue;
    const theirs = other.results.about[field];
    const said = (value: string | boolean | number): string =>
      complaintText(field === 'code' ? String(value).slice(0, 12) : String(value));
    const differ = `${first.path} has ${what} ${said(mine)}, ${other.path} has ${said(theirs)}`;
    throw new ReportError('MERGE_DIFFERS', `These results do not belong together: ${differ}.`, remedy);
  }
  const [one, ...more] = documents.flatMap(({ path, results: { ablation } }) =>
    ablation === undefined ? [] : [{ path, strategy: complaintText(ablation.strategy) }],
  );
  const other = more.find(({ strategy }) => strategy !== one?.strategy);
  if (one === undefined || other === undefined) return;
  const differ = `${one.path} takes ${one.strategy} apart, ${other.path} takes ${other.strategy}`;
  throw new ReportError('MERGE_DIFFERS', `These results do not belong together: ${differ}.`, 'Report them one by one.');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** The documents in an order of their own, each different one once: those with the most costs first, then by time. */
function ordered(documents: readonly ResultDocument[]): readonly ResultDocument[] {
  const keyed = documents.map((document) => ({ document, text: JSON.stringify(document.results) }));
  const sorted = keyed.toSorted((a, b) => {
    const [one, two] = [a.document.results, b.document.results];
    return (
      two.costs.length - one.costs.length ||
      compare(one.about.at, two.about.at) ||
      compare(a.text, b.text) ||
      compare(a.document.path, b.document.path)
    );
  });
  return sorted.filter(({ text }, i) => sorted[i - 1]?.text !== text).map(({ document }) => document);
}

/** Lists as one that keeps the order of each as far as it can: what is new comes after what stood before it. */
function united<T>(lists: readonly (readonly T[])[], keyOfItem: (item: T) => string): T[] {
  const all: T[] = [];
  for (const items of lists) {
    let at = 0;
    for (const item of items) {
      const known = all.findIndex((one) => keyOfItem(one) === keyOfItem(item));
      if (known < 0) all.splice(at++, 0, item);
      else at = known + 1;
    }
  }
  return all;
}

const byName = ({ name }: { readonly name: string }): string => name;

/** All parts as one: the first, with what the others have beside it. Where no shard is missing, it is none. */
function aboutAll(abouts: readonly About[], parts: readonly About[]): About {
  const [first] = abouts;
  if (first === undefined) throw new Error('nothing to merge');
  const [lacking] = missingShards(parts);
  const shard = parts.map((part) => part.shard).find((one) => one?.of === lacking?.of);
  return {
    ...first,
    shard: shard ?? null,
    interrupted: parts.some(({ interrupted }) => interrupted),
    scenarios: united(
      abouts.map(({ scenarios }) => scenarios),
      byName,
    ),
    strategies: united(
      abouts.map(({ strategies }) => strategies),
      byName,
    ),
    engines: united(
      abouts.map(({ engines }) => engines),
      (engine) => engine,
    ),
    invariants: united(
      abouts.map(({ invariants }) => invariants),
      byName,
    ),
    marks: united(
      abouts.map(({ marks }) => marks),
      byName,
    ),
  };
}

function claimKey({ scenario, claim, source, strategy, engine, expects }: ResultClaim): string {
  return JSON.stringify([scenario, claim, source, strategy, engine, expects]);
}

/**
 * What all documents together say of a claim: each by its own runs, and none more than the cell of all bears out. What none
 * could answer alone, the runs of all may: where nothing at all was violated in them. A document does not say which
 * invariants a claim is about, so that one beside which a hazard was met stays open.
 */
function mergeClaim(same: readonly ResultClaim[], cells: readonly ResultCell[], about: About): readonly ResultClaim[] {
  const [first] = same;
  if (first === undefined) return [];
  const claim = { ...first, ...judgedTogether(first.expects, same) };
  const cell = cellOf(claim, cells);
  if (cell === undefined) return [claim];
  const borne = borneOut(claim, cell.verdict);
  if (borne.outcome !== 'untested' || cell.verdict !== 'pass' || cell.hazards.length > 0) return [borne];
  const { runs, repeats, reached, replayed: replays } = cell;
  const { window = '' } =
    cell.window === undefined ? (about.scenarios.find(({ name }) => name === claim.scenario) ?? {}) : cell;
  return [
    { ...claim, ...judgeClaim(claim, window, { ...about, violated: [], drawn: runs - repeats, reached, replays }) },
  ];
}

/** The machines of a document: itself, or those that were merged into it before. */
function partsOf({ about, merged }: Results): readonly About[] {
  return merged ?? [about];
}

/**
 * Merges result documents. A baseline that one of them was compared with is dropped: compare the merged one anew.
 *
 * @param documents in any order; the same document twice counts once
 * @throws ReportError: no document, documents of another version, other code, another chooser or other lengths of runs
 *   (`short`), or documents that contradict each other; names both files and what differs
 */
export function mergeResults(documents: readonly ResultDocument[]): Merged {
  checkSame(documents);
  const sorted = ordered(documents);
  const bound = sorted[0]?.results.about.bound ?? defaultBound;
  const [only] = sorted;
  if (only !== undefined && sorted.length === 1) {
    return { results: only.results, origins: only.results.cells.map(() => only.path) };
  }
  const contributions = sorted.flatMap(({ path, results }): readonly Contribution[] => {
    const seeds = new Set(partsOf(results).map(({ seed }) => seed));
    return results.cells.map((cell) => ({ path, seeds, cell }));
  });
  const cells = united(
    sorted.map(({ results }) => results.cells.map(keyOf)),
    (key) => key,
  );
  const byCell = Map.groupBy(contributions, ({ cell }) => keyOf(cell));
  const merged = cells.map((key) => mergeCell(byCell.get(key) ?? [], bound));
  const claims = united(
    sorted.map(({ results }) => results.claims.map(claimKey)),
    (key) => key,
  );
  const several = merged.flatMap(({ cell }) => ((byCell.get(keyOf(cell)) ?? []).length > 1 ? [cell] : []));
  const allClaims = sorted.flatMap(({ results }) => results.claims);
  const byClaim = Map.groupBy(allClaims, claimKey);
  const parts = sorted.flatMap(({ results }) => partsOf(results));
  const different = [...new Map(parts.map((part) => [JSON.stringify(part), part])).values()];
  const about = aboutAll(
    sorted.map(({ results }) => results.about),
    different,
  );
  const whole = { about, merged: different, cells: merged.map(({ cell }) => cell) };
  const [asked] = sorted.flatMap(({ results }) => results.ablation ?? []);
  return {
    results: {
      format: resultsFormat,
      ...whole,
      claims: claims.flatMap((key) => mergeClaim(byClaim.get(key) ?? [], several, about)),
      costs: only?.results.costs ?? [],
      ...(asked === undefined ? {} : { ablation: ablationOf(asked, whole) }),
    },
    origins: merged.map(({ path }) => path),
  };
}
