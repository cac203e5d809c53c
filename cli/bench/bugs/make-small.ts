// How long it takes to make a known bug's failing plan minimal: the first hit of each bug that the searches came to. What stays out: how
// plans are shrunk (harness/search/shrink/).
import { Coordinator } from '../../../harness/run/coordinator.ts';
import type { LaneBinaries } from '../../../harness/run/pool.ts';
import type { Plan } from '../../../harness/model/plan.ts';
import { shrink } from '../../../harness/search/shrink/shrink.ts';
import type { KnownBug } from '../../../scenarios/bugs/catalogue.ts';

/**
 * @property seconds until nothing smaller was found, or until the time was up
 * @property minimal each plan with one preemption, fault or operation less was tried and passes
 */
export interface BugShrunk {
  readonly bug: string;
  readonly seconds: number;
  readonly minimal: boolean;
  readonly runs: number;
  readonly preemptions: number;
  readonly faults: number;
  readonly operations: number;
}

/** @returns undefined where it was interrupted before anything was known */
export async function makeSmall(
  { bug, broken }: KnownBug,
  plan: Plan,
  machine: LaneBinaries,
  { timeMs, stop }: { readonly timeMs: number; readonly stop: () => boolean },
): Promise<BugShrunk | undefined> {
  const coordinator = new Coordinator({ machine, stop });
  try {
    const target = bug.signature.invariants;
    const shrunk = await shrink({ coordinator, scenario: broken.scenario, plan, target, timeMs, stop });
    if (shrunk === undefined || stop()) return undefined;
    const { seconds, minimal, runs, size } = shrunk;
    const { preemptions, faults, operations } = size;
    return { bug: bug.name, seconds, minimal, runs, preemptions, faults, operations };
  } finally {
    coordinator.close();
  }
}
