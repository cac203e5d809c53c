// Is what a scenario has drawn a plan, by the format and by its own schema? What stays out: plans from files (plan-file.ts,
// plan-check.ts), which are somebody else's.
import type { z } from 'zod';
import { complaintsText } from '../model/reading/complaints.ts';
import { askScenario, scenarioError } from '../errors/scenario-error.ts';
import { type Plan, planSchema } from '../model/plan.ts';
import type { Scenario } from '../model/scenario.ts';

const drawnSchema = planSchema.pick({ parameters: true, faults: true, workload: true });

/** Which function of a scenario draws a part of a plan. */
const drawnBy: { readonly [part: string]: keyof Scenario } = { faults: 'faults', workload: 'generate' };

/** Throws an error of the scenario when a plan that it has drawn is none of the format, or not of its own schema. */
export function checkDrawn(scenario: Scenario, plan: Plan): void {
  const { workload, parameters, faults } = plan;
  const ofFormat = drawnSchema.safeParse({ parameters, faults, workload });
  if (!ofFormat.success) {
    const [part] = ofFormat.error.issues[0]?.path ?? [];
    const by = drawnBy[String(part)] ?? (scenario.vary === undefined ? 'parameters' : 'vary');
    throw notFitting(scenario, by, 'what plans may hold', ofFormat.error);
  }
  const own = askScenario(scenario.name, '`workload`', () => scenario.workload.safeParse(workload));
  if (!own.success) throw notFitting(scenario, 'generate', 'its own `workload`', own.error);
}

function notFitting({ name }: Scenario, by: string, what: string, error: z.ZodError): Error {
  return scenarioError(
    name,
    `what \`${by}\` gives does not fit ${what}:\n${complaintsText(error)}`,
    `Correct \`${by}\`${by === 'generate' ? ' (or a feature that leaves something out), or widen the schema' : ''}.`,
    error,
  );
}
