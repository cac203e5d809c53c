// Checks a plan against the scenario it names: the part of validation that the plan's own schema cannot do.
import { usageError } from '../errors/errors.ts';
import { complaintsText } from '../model/reading/complaints.ts';
import type { Plan } from '../model/plan.ts';
import type { Scenario } from '../model/scenario.ts';

/** Throws a usage error when the plan's workload is not of the shape that its scenario takes. */
export function checkWorkload(scenario: Scenario, plan: Plan, path: string): void {
  const parsed = scenario.workload.safeParse(plan.workload);
  if (parsed.success) return;
  throw usageError(
    'PLAN_WORKLOAD',
    `The workload of the plan ${path} does not fit the scenario ${scenario.name}:\n${complaintsText(parsed.error)}`,
    'The plan was changed by hand, or belongs to another version of the scenario.',
    parsed.error,
  );
}
