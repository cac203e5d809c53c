// Which ranges are planned next, on paper. What stays out: where the plan stands (ledger.ts).
import { type Generations, generationsOf } from './generations.ts';
import type { RangeJob } from './queue.ts';
import type { Spec } from './spec.ts';

/**
 * A cell, as far as planning goes.
 *
 * @property next number of the first run that is not planned
 * @property size runs of the next range
 * @property weight time that it has had and will have, in ranges of the usual length
 * @property generation how many generations are whole
 */
export interface CellPlan {
  readonly cell: string;
  readonly next: number;
  readonly size: number;
  readonly weight: number;
  readonly generation: number;
}

type Planned = Pick<CellPlan, 'cell' | 'next'> & { readonly ranges: number };

/** Into so many parts at least a generation is cut, for workers side by side. */
const partsOfGeneration = 8;

/** Of one generation, and only as far as who makes a run can know what those before have reached. */
function rangeOf({ cell, next, size, generation: whole }: CellPlan, spec: Spec): RangeJob | undefined {
  const generations = generationsOf(spec);
  const { first, end, to } = generations === undefined ? uncut : stretchAt(generations, whole, next);
  const most = Math.min(size, Math.max(1, Math.floor((end - first) / partsOfGeneration)));
  const count = Math.min(most, Math.min(spec.runs ?? Infinity, end, to) - next);
  return count > 0 ? { cell, first: next, count } : undefined;
}

const uncut = { first: 0, end: Infinity, to: Infinity };

/** The generation that a run belongs to, and how far may be planned. */
function stretchAt(generations: Generations, whole: number, run: number): typeof uncut {
  let generation = whole;
  while (generations.endOf(generation) <= run) generation++;
  const first = generation === 0 ? 0 : generations.endOf(generation - 1);
  return { first, end: generations.endOf(generation), to: generations.plannedTo(whole) };
}

/**
 * The next ranges, of the cell with the least weight first.
 *
 * @returns `changed`: the cells that have some: the first number that is not planned after it, and how many ranges each has
 */
export function nextRanges(
  cells: readonly CellPlan[],
  spec: Spec,
  most: number,
): { readonly jobs: readonly RangeJob[]; readonly changed: readonly Planned[] } {
  const jobs: RangeJob[] = [];
  const open = new Map(cells.map((one) => [one.cell, one]));
  const changed = new Map<string, Planned>();
  while (jobs.length < most && open.size > 0) {
    const least = [...open.values()].reduce((a, b) => (b.weight < a.weight ? b : a));
    const job = rangeOf(least, spec);
    if (job === undefined) {
      open.delete(least.cell);
      continue;
    }
    jobs.push(job);
    const { cell } = least;
    const next = least.next + job.count;
    open.set(cell, { ...least, next, weight: least.weight + 1 });
    changed.set(cell, { cell, next, ranges: (changed.get(cell)?.ranges ?? 0) + 1 });
  }
  return { jobs, changed: [...changed.values()] };
}
