// What init-inode-swap judges otherwise than other scenarios: rows that a person took away are nobody's failure, and what
// `kanban init` does to the file is a question of its own. What stays out: everything else (the catalogues of invariants).
import type { History, Observation } from '../harness/model/history.ts';
import { type Invariant, invariant } from '../harness/model/invariant.ts';
import { replaceWays } from '../src/programs/operator/steps.ts';
import { promiseOf } from '../src/oracle/promise.ts';
import { database } from './kanban/processes.ts';

/** Steps, from one to the other, whose rows nobody can be asked for. */
interface Span {
  readonly from: number;
  readonly to: number;
}

/** Result: does the way of a replacement take the old database away, and not put a copy of it in its place? */
function takesAway({ data }: Observation): boolean {
  const { way } = data as { readonly way: keyof typeof replaceWays };
  return replaceWays[way].inits;
}

/**
 * What was committed before the database was taken away went with it; what was committed between a copy and its return is
 * not in the copy. What was committed before the copy was begun ought to be in it.
 */
function takenAway({ observations, strikes }: History): readonly Span[] {
  const begins = [
    ...observations.filter(({ kind, data }) => kind === 'operator' && isReplacement(data)),
    ...strikes.filter(({ kind }) => kind === 'init-swap'),
  ].map(({ step }) => step);
  return observations
    .filter(({ kind }) => kind === 'replaced')
    .map((replaced) => {
      const begun = Math.max(0, ...begins.filter((step) => step < replaced.step));
      return { from: takesAway(replaced) ? 0 : begun, to: replaced.step };
    });
}

function isReplacement(data: Observation['data']): boolean {
  return (data as { readonly act?: string }).act === 'replace';
}

/** The same invariant, asked only about transactions whose rows nobody has taken away; of a journal that keeps all, about all. */
function exceptTaken(judged: Invariant): Invariant {
  return {
    ...judged,
    check(history) {
      if (promiseOf(history).keepsAll) return judged.check(history);
      const spans = takenAway(history);
      const counts = ({ kind, step }: Observation): boolean =>
        !kind.startsWith('commit') || spans.every(({ from, to }) => step < from || step > to);
      return judged.check({ ...history, observations: history.observations.filter(counts) });
    },
  };
}

const aboutRows: ReadonlySet<string> = new Set(['acknowledged-commits', 'whole-transactions']);

/** Labels of the looks before and after `kanban init`, which the scenario's person takes. */
export const initLooks = { before: 'before-init', after: 'after-init' } as const;

function holdersOfDeleted({ looks }: History, wanted: string): readonly string[] | undefined {
  const open = looks.find(({ label }) => label === wanted)?.openFiles.filter(({ file }) => file === database);
  return open?.filter(({ deleted }) => deleted).map(({ process }) => process);
}

/** Whoever has the old file open shows it: to the kernel it is deleted then. Where nobody has, nobody can tell. */
const initKeepsTheFile = invariant(
  'init-keeps-the-file',
  'hazard',
  '`kanban init` leaves the file that gateways have open where it is',
  function* (history) {
    const before = holdersOfDeleted(history, initLooks.before);
    const after = new Set(holdersOfDeleted(history, initLooks.after));
    if (before?.length !== 0 || after.size === 0) return;
    yield {
      message: `since \`kanban init\` ${[...after].join(', ')} hold a deleted ${database} open, and before it nobody did`,
    };
  },
);

export function invariantsOfSwap(invariants: readonly Invariant[]): readonly Invariant[] {
  return [...invariants.map((one) => (aboutRows.has(one.name) ? exceptTaken(one) : one)), initKeepsTheFile];
}
