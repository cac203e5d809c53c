// Runs a plan once more and keeps what there is to say and to show of it: its history, its explanation, its timeline. What
// stays out: how explanation and timeline are made, and where they are written.
import type { History } from '../model/history.ts';
import type { Timeline } from '../model/timeline.ts';
import type { Coordinator } from '../run/coordinator.ts';
import { violationsOf } from '../judge/judge-history.ts';
import { explainSteps } from '../explain/explain-steps.ts';
import type { ExplainedFact } from '../explain/fact.ts';
import { isExplained } from '../explain/run-steps.ts';
import type { Plan } from '../model/plan.ts';
import type { Scenario } from '../model/scenario.ts';
import { buildTimeline, type TimelineOptions } from '../explain/timeline/build-timeline.ts';
import { EveryStep } from '../explain/timeline/every-step.ts';

/** @property facts as `explain` gives them */
export interface Witnessed {
  readonly history: History;
  readonly facts: readonly ExplainedFact[];
  readonly timeline: Timeline;
}

/**
 * Replays a plan and keeps what it shows. All steps of the run are held in memory meanwhile.
 *
 * @param coordinator of the plan's engine
 * @param plan best a minimal one
 * @param options how many steps the timeline may have
 * @returns two replays give the same. Throws harness errors
 */
export async function witness(
  coordinator: Coordinator,
  scenario: Scenario,
  plan: Plan,
  options: Pick<TimelineOptions, 'stepsMax'> = {},
): Promise<Witnessed> {
  const every = new EveryStep();
  const history = await coordinator.orInNode(() => coordinator.run(scenario, plan, undefined, [every]));
  const facts = explainSteps(every.steps.filter(isExplained), history, scenario.invariants, every.statements);
  const violations = violationsOf(scenario, history);
  return { history, facts, timeline: buildTimeline(every.steps, history, facts, { ...options, violations }) };
}
