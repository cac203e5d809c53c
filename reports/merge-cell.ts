// One cell that several documents have, as one. The rules, and why they say no more than was seen, are in merge.ts. What stays
// out: documents.
import { complaintText } from '../harness/model/reading/complaints.ts';
import { noticedTogether } from '../harness/model/noticed.ts';
import { moreOfFigures, sumOfFigures, togetherByModel } from '../harness/model/power-figures.ts';
import { judgeRuns, sumOfRuns } from '../harness/model/verdict.ts';
import { ReportError } from './errors.ts';
import type { ResultCell, ResultInvariant } from './results.ts';
import { figure, nameOf } from './words.ts';

/**
 * What one document has of a cell.
 *
 * @property seeds that its runs may be of: several where the document was merged before
 */
export interface Contribution {
  readonly path: string;
  readonly seeds: ReadonlySet<number>;
  readonly cell: ResultCell;
}

/** @property path of the document beside which the cell's files lie */
export interface MergedCell {
  readonly path: string;
  readonly cell: ResultCell;
}

/** Contributions that may share runs: those whose seeds meet, directly or through others. */
function sharing(contributions: readonly Contribution[]): readonly (readonly Contribution[])[] {
  let groups: { readonly seeds: ReadonlySet<number>; readonly members: readonly Contribution[] }[] = [];
  for (const one of contributions) {
    const meets = groups.filter(({ seeds }) => [...one.seeds].some((seed) => seeds.has(seed)));
    const seeds = new Set([one, ...meets].flatMap((group) => [...group.seeds]));
    const joined = { seeds, members: [...meets.flatMap(({ members }) => members), one] };
    groups = [...groups.filter((group) => !meets.includes(group)), joined];
  }
  return groups.map(({ members }) => members);
}

/** Runs that are known not to have failed. */
function passedRuns(cell: ResultCell): number {
  if (cell.verdict === 'error') return 0;
  return cell.failedRun === null ? cell.runs : cell.failedRun - 1;
}

/** The same seed gives the same runs: one that fails here cannot have passed there. */
function checkConsistent(members: readonly Contribution[]): void {
  const single = members.filter(({ seeds }) => seeds.size === 1);
  for (const { cell, path } of single) {
    const run = cell.failedRun;
    if (run === null) continue;
    const other = single.find((one) => passedRuns(one.cell) >= run);
    if (other === undefined) continue;
    const here = `in ${path} run ${figure(run)} fails`;
    const there = `in ${other.path} the first ${figure(passedRuns(other.cell))} runs of the same seed do not`;
    throw new ReportError(
      'MERGE_CONTRADICTION',
      `These results contradict each other about ${complaintText(nameOf(cell))}: ${here}, ${there}.`,
      'Replay the plan with --times on both machines; the same code must give the same run. To merge machines that differ, give each a --seed of its own.',
    );
  }
}

const fields = ['runs', 'repeats', 'replayed', 'replayable', 'steps', 'seconds', 'reached', 'reachedByReplay'] as const;

type Counts = Pick<ResultCell, (typeof fields)[number] | 'marks'>;

/** Counts put together field by field, and mark by mark. */
function countsOf(all: readonly Counts[], together: (numbers: readonly number[]) => number): Counts {
  const of = (field: (typeof fields)[number]): number => together(all.map((one) => one[field]));
  const names = [...new Set(all.flatMap(({ marks }) => Object.keys(marks)))].toSorted();
  return {
    runs: of('runs'),
    repeats: of('repeats'),
    replayed: of('replayed'),
    replayable: of('replayable'),
    steps: of('steps'),
    seconds: of('seconds'),
    reached: of('reached'),
    reachedByReplay: of('reachedByReplay'),
    marks: Object.fromEntries(names.map((name) => [name, together(all.map(({ marks }) => marks[name] ?? 0))])),
  };
}

const most = (numbers: readonly number[]): number => Math.max(...numbers);

/** Sorted first, so that the sum of fractions is the same in any order. */
const sum = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b).reduce((all, one) => all + one, 0);

/**
 * Counts of different seeds: the runs are others, as far as the cell's runs differ at all, but the replays are the same. At least so many of both together reached a
 * mark: of each seed what replays cannot account for, and of one seed the rest too.
 */
function acrossSeeds(all: readonly Counts[]): Counts {
  const summed = countsOf(all, sum);
  const { replayed, replayable, reachedByReplay } = countsOf(all, most);
  const atLeast = (name: string): number => {
    const byReplay = all.map((one) => Math.min(one.marks[name] ?? 0, one.replayed));
    return (summed.marks[name] ?? 0) - sum(byReplay) + most(byReplay);
  };
  const marks = Object.fromEntries(Object.keys(summed.marks).map((name) => [name, atLeast(name)]));
  return { ...summed, ...sumOfRuns(all), replayed, replayable, reachedByReplay, marks };
}

/** Of one seed the runs are the same. */
function mergedPower(contributions: readonly Contribution[]): ResultCell['powerLoss'] {
  const ofSeeds = sharing(contributions).map((members) =>
    togetherByModel(
      members.map(({ cell }) => cell.powerLoss),
      moreOfFigures,
    ),
  );
  return togetherByModel(ofSeeds, sumOfFigures).map((figures) => ({ ...figures }));
}

/** Which ways to meet two documents have in common is not kept: the one that has explored most speaks. */
function mostExplored(contributions: readonly Contribution[]): ResultCell['explored'] {
  const known = contributions.toSorted(order).flatMap(({ cell }) => cell.explored ?? []);
  return known.toSorted((a, b) => b.runs - a.runs)[0] ?? null;
}

/** Of one seed the runs are the same: who made the most has seen all of them. */
function mergedNoticed(groups: readonly (readonly Contribution[])[]): ResultCell['noticed'] {
  const fullest = groups.flatMap(
    (members) => members.map(({ cell }) => cell).toSorted((a, b) => b.runs - a.runs)[0] ?? [],
  );
  const { words, idle } = noticedTogether(fullest);
  return { words: words && { ...words }, idle: [...idle] };
}

function order(a: Contribution, b: Contribution): number {
  const [one, two] = [a, b].map(({ cell, path }) => JSON.stringify([cell, path]));
  return (one ?? '') < (two ?? '') ? -1 : Number((one ?? '') > (two ?? ''));
}

/** Smaller plans first, since a person reads them; those without a known size last. */
function sizeOf({ minimal }: ResultCell): number {
  if (minimal === null) return Infinity;
  const { preemptions, faults, operations } = minimal.size;
  return preemptions + faults + operations;
}

/** Whose plan, sentences and files the merged cell has: of those with its verdict, the one with the smallest plan. */
function spokesman(contributions: readonly Contribution[], verdict: ResultCell['verdict']): Contribution | undefined {
  const having = contributions.filter(({ cell }) => cell.verdict === verdict);
  return having.toSorted((a, b) => {
    const [one, two] = [sizeOf(a.cell), sizeOf(b.cell)];
    return (one === two ? 0 : one - two) || b.cell.runs - a.cell.runs || order(a, b);
  })[0];
}

/** The first that is not null, in the order of the documents' cells. */
function firstOf<T>(contributions: readonly Contribution[], of: (cell: ResultCell) => T | null): T | null {
  return (
    contributions
      .toSorted(order)
      .map(({ cell }) => of(cell))
      .find((one) => one !== null) ?? null
  );
}

/** What all documents say of each invariant: one that failed anywhere failed, and the merged runs judge the others. */
function mergeInvariants(
  contributions: readonly Contribution[],
  speaker: Contribution,
  counts: Counts,
  bound: number,
): ResultInvariant[] {
  const { runs, reached } = counts;
  const names = new Set(contributions.flatMap(({ cell }) => cell.invariants.map(({ name }) => name)));
  return [...names].toSorted().map((name) => {
    const of = ({ cell }: Contribution) => cell.invariants.find((one) => one.name === name);
    const failed = contributions.filter((one) => of(one)?.verdict === 'fail');
    const mine = failed.includes(speaker) ? speaker : failed.toSorted(order)[0];
    const known = mine === undefined ? undefined : of(mine);
    // Plans lie beside the speaker's document only.
    // By search in one document and by a shipped plan in another: both stand.
    const first = <Key extends 'run' | 'shipped'>(key: Key) =>
      failed.toSorted(order).flatMap((one) => of(one)?.[key] ?? [])[0] ?? null;
    if (known !== undefined)
      return {
        ...known,
        run: known.run ?? first('run'),
        shipped: known.shipped ?? first('shipped'),
        plan: mine === speaker ? known.plan : null,
      };
    const broken = contributions.some(({ cell }) => cell.verdict === 'error');
    const { verdict, upperBound } = judgeRuns(counts, { failed: false, broken, bound });
    return { name, verdict, run: null, shipped: null, runs, reached, upperBound, plan: null };
  });
}

/**
 * Merges what documents have of one cell.
 *
 * @param contributions at least one, all of the same cell, in any order
 * @param bound that a pass must keep to
 * @throws ReportError when runs of the same seed contradict each other
 */
export function mergeCell(contributions: readonly Contribution[], bound: number): MergedCell {
  const [only] = contributions;
  if (only !== undefined && contributions.length === 1) return { path: only.path, cell: only.cell };
  const groups = sharing(contributions);
  for (const members of groups) checkConsistent(members);
  const shared = groups.map((members) =>
    countsOf(
      members.map((one) => one.cell),
      most,
    ),
  );
  const counts = acrossSeeds(shared);
  const has = (verdict: ResultCell['verdict']): boolean => contributions.some(({ cell }) => cell.verdict === verdict);
  const { verdict, upperBound, upperBoundAllRuns } = judgeRuns(counts, {
    failed: has('fail'),
    broken: has('error') && !has('fail'),
    bound,
  });
  const speaker = spokesman(contributions, verdict) ?? spokesman(contributions, 'inconclusive');
  if (speaker === undefined) throw new Error('a cell without contributions');
  const { path, cell } = speaker;
  return {
    path,
    cell: {
      ...cell,
      ...counts,
      verdict,
      upperBound,
      upperBoundAllRuns,
      failedRun: cell.failedRun ?? firstOf(contributions, (one) => one.failedRun),
      shipped: cell.shipped ?? firstOf(contributions, (one) => one.shipped),
      borrowed: [...new Set(contributions.flatMap((one) => one.cell.borrowed))].toSorted(),
      powerLoss: mergedPower(contributions),
      explored: mostExplored(contributions),
      noticed: mergedNoticed(groups),
      hazards: [...new Set(contributions.flatMap((one) => one.cell.hazards))].toSorted(),
      invariants: mergeInvariants(contributions, speaker, counts, bound),
    },
  };
}
