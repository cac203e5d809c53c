// What a run violates, with the step, and whether it is harm. What stays out: of which run, which the line before says.
import type { Violation } from '../harness/model/invariant.ts';
import type { Scenario } from '../harness/model/scenario.ts';
import type { Output } from './output.ts';

export function tellViolations(
  violations: readonly Violation[],
  { invariants }: Pick<Scenario, 'invariants'>,
  output: Output,
  indent = '    ',
): void {
  const hazards = new Set(invariants.filter(({ about }) => about === 'hazard').map(({ name }) => name));
  for (const { invariant, message, step } of violations) {
    const mark = hazards.has(invariant) ? ' (a hazard, no harm by itself)' : '';
    const at = step === null ? '' : ` (step ${step})`;
    output.sayLines(`${output.paint('red', invariant)}${mark}: ${message}${at}`, indent);
  }
}
