// What power losses in recorded runs of a cell came to, as figures, one a file system. What stays out: how they are tried (search/power-runs.ts).
import type { Durability, ModelName } from './file-systems.ts';

/**
 * @property promise what is promised of acknowledged commits
 * @property runs recorded runs, each another one
 * @property losing runs of which some power loss took acknowledged rows away, as the promise allows or not
 * @property states of the disk that were tried: a sample of each run's where they are many; `disks`: different ones that were opened
 * @property losingStates states in which acknowledged rows are gone; `rowsMost`: of one
 * @property failing states that violate what is promised
 * @property recovered states in which SQLite alone finds less than is promised, and the strategy's own recovery brings it back: none of `failing`
 */
export interface PowerFigures {
  readonly model: ModelName;
  readonly promise: Durability;
  readonly runs: number;
  readonly losing: number;
  readonly states: number;
  readonly disks: number;
  readonly losingStates: number;
  readonly rowsMost: number;
  readonly failing: number;
  readonly recovered: number;
}

type Counts = Omit<PowerFigures, 'model' | 'promise'>;

/** The same file systems, put together count by count; the order is that of the first list, then of the others. */
export function togetherByModel(
  lists: readonly (readonly PowerFigures[])[],
  together: (a: Counts, b: Counts) => Counts,
): readonly PowerFigures[] {
  const all = new Map<ModelName, PowerFigures>();
  for (const figures of lists.flat()) {
    const before = all.get(figures.model);
    all.set(figures.model, before === undefined ? figures : { ...before, ...together(before, figures) });
  }
  return [...all.values()];
}

/** Of different runs. */
export function sumOfFigures(a: Counts, b: Counts): Counts {
  return {
    runs: a.runs + b.runs,
    losing: a.losing + b.losing,
    states: a.states + b.states,
    disks: a.disks + b.disks,
    losingStates: a.losingStates + b.losingStates,
    rowsMost: Math.max(a.rowsMost, b.rowsMost),
    failing: a.failing + b.failing,
    recovered: a.recovered + b.recovered,
  };
}

/** Of the same runs: those of which there are more. */
export function moreOfFigures(a: Counts, b: Counts): Counts {
  const { runs, losing, states, disks, losingStates, rowsMost, failing, recovered } = a.states >= b.states ? a : b;
  return { runs, losing, states, disks, losingStates, rowsMost, failing, recovered };
}
