// Explains a plan: runs it once more, keeps its steps, and tells the story of what it violated. What stays out: how the
// story is found (explain-steps.ts), printing it, and making the plan small.
import { replayChooser } from '../run/choosers/replay.ts';
import type { Coordinator } from '../run/coordinator.ts';
import type { Plan } from '../model/plan.ts';
import type { Scenario } from '../model/scenario.ts';
import { explainSteps } from './explain-steps.ts';
import type { ExplainedFact } from './fact.ts';
import { StepBook } from './run-steps.ts';

/**
 * Replays a plan and explains what it violates.
 *
 * @param coordinator of the plan's engine
 * @param plan best a minimal one: what does not matter for the harm is left out, but all its faults are told
 * @returns facts in the order of steps, those without a step last; a single one when nothing was violated. Two replays
 *   give the same. Throws harness errors
 */
export async function explain(
  coordinator: Coordinator,
  scenario: Scenario,
  plan: Plan,
): Promise<readonly ExplainedFact[]> {
  const book = new StepBook();
  const history = await coordinator.run(scenario, plan, replayChooser(plan.preemptions), [book]);
  return explainSteps(book.steps, history, scenario.invariants, book.statements);
}
