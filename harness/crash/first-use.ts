// The first use of a disk that a power loss has left, by the strategy's own means: who promises to bring back what is gone is judged by what
// is there when they have done so. It runs in lock step, as any run does. What stays out: SQLite's own opening (openers.ts), and what is
// asked of the two (judge-image.ts).
import { type Image, writeImage } from '../disk/image.ts';
import { askScenario } from '../errors/scenario-error.ts';
import type { History } from '../model/history.ts';
import type { Invariant } from '../model/invariant.ts';
import type { Plan } from '../model/plan.ts';
import type { Scenario } from '../model/scenario.ts';
import type { Coordinator } from '../run/coordinator.ts';

/**
 * How disks are used first.
 *
 * @property scenario whose runs are first uses; `plan`: theirs
 * @property invariants what is asked of what they leave, beside soundness
 */
export interface FirstUser {
  readonly scenario: Scenario;
  readonly plan: Plan;
  readonly invariants: readonly Invariant[];
}

/** Undefined where SQLite alone opens what is left. */
export function firstUserOf(scenario: Scenario, plan: Plan): FirstUser | undefined {
  const first = askScenario(scenario.name, '`firstUse`', () => scenario.firstUse?.(plan));
  if (first === undefined) return undefined;
  const { start, horizonMs, invariants } = first;
  const { crash: _, ...rest } = plan;
  return {
    scenario: { ...scenario, start: () => start },
    plan: { ...rest, parameters: { ...plan.parameters, horizonMs }, faults: [], preemptions: [] },
    invariants,
  };
}

/** @returns what they did, and what is there afterwards */
export async function useFirst(
  coordinator: Coordinator,
  { scenario, plan }: FirstUser,
  image: Image,
  stop: () => boolean,
): Promise<History> {
  const fill = (folder: string) => void writeImage(image, folder);
  return coordinator.orInNode(() => coordinator.run(scenario, plan, undefined, [], stop, { fill }));
}
