// One cell that several documents have, as one. The rules, and why they say no more than was seen, are in merge.ts. What stays
// out: documents.
import { complaintText } from '../harness/reading/complaints.ts';
import { ReportError } from './errors.ts';
import type { ResultCell } from './results.ts';
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

/**
 * 95 % upper bound on the failure rate after `runs` runs without a failure (Clopper and Pearson, one-sided); as the search
 * gives it for one machine.
 */
export function boundOfRuns(runs: number): number | null {
  return runs === 0 ? null : 1 - 0.05 ** (1 / runs);
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

const fields = ['runs', 'replayed', 'replayable', 'steps', 'seconds', 'reached', 'reachedByReplay'] as const;

type Counts = Pick<ResultCell, (typeof fields)[number] | 'marks'>;

/** Counts put together field by field, and mark by mark. */
function countsOf(all: readonly Counts[], together: (numbers: readonly number[]) => number): Counts {
  const of = (field: (typeof fields)[number]): number => together(all.map((one) => one[field]));
  const names = [...new Set(all.flatMap(({ marks }) => Object.keys(marks)))].toSorted();
  return {
    runs: of('runs'),
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
 * Counts of different seeds: all runs are others, but the replays are the same. At least so many of both together reached a
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
  return { ...summed, replayed, replayable, reachedByReplay, marks };
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

/** Strongest first. */
const strength = ['fail', 'error', 'pass', 'inconclusive'] as const;

/**
 * Merges what documents have of one cell.
 *
 * @param contributions at least one, all of the same cell, in any order
 * @throws ReportError when runs of the same seed contradict each other
 */
export function mergeCell(contributions: readonly Contribution[]): MergedCell {
  const groups = sharing(contributions);
  for (const members of groups) checkConsistent(members);
  const verdict = strength.find((one) => contributions.some(({ cell }) => cell.verdict === one)) ?? 'inconclusive';
  const speaker = spokesman(contributions, verdict);
  if (speaker === undefined) throw new Error('a cell without contributions');
  const { path, cell } = speaker;
  if (contributions.length === 1) return { path, cell };
  const shared = groups.map((members) =>
    countsOf(
      members.map((one) => one.cell),
      most,
    ),
  );
  const counts = acrossSeeds(shared);
  return {
    path,
    cell: {
      ...cell,
      ...counts,
      upperBound: verdict === 'pass' && counts.reached > 0 ? boundOfRuns(counts.runs) : null,
      hazards: [...new Set(contributions.flatMap((one) => one.cell.hazards))].toSorted(),
    },
  };
}
