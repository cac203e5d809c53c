// How large a plan is: what shrinking makes smaller, and what a report says of it.
import type { Json } from '../model/values.ts';
import { askScenario } from '../errors/scenario-error.ts';
import type { Plan } from '../model/plan.ts';
import type { Scenario } from '../model/scenario.ts';

/** @property bytes of the workload as JSON */
export interface PlanSize {
  readonly preemptions: number;
  readonly faults: number;
  readonly operations: number;
  readonly bytes: number;
}

function listEntries(value: Json): number {
  if (typeof value !== 'object' || value === null) return 0;
  const parts: readonly Json[] = Array.isArray(value) ? (value as readonly Json[]) : Object.values(value);
  return parts.reduce<number>((sum, part) => sum + listEntries(part), Array.isArray(value) ? parts.length : 0);
}

/** Operations that a workload asks for, as its scenario counts them. */
export function operationsOf(scenario: Scenario, workload: Json): number {
  return askScenario(scenario.name, '`operations`', () => scenario.operations?.(workload)) ?? listEntries(workload);
}

export function sizeOf(scenario: Scenario, plan: Plan): PlanSize {
  return {
    preemptions: plan.preemptions.length,
    faults: plan.faults.length,
    operations: operationsOf(scenario, plan.workload),
    bytes: JSON.stringify(plan.workload).length,
  };
}
