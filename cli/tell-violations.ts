// What a run violates, a line each. What stays out: of which run, which the line before says.
import type { Violation } from '../harness/model/invariant.ts';
import type { Output } from './output.ts';

export function tellViolations(violations: readonly Violation[], output: Output): void {
  for (const { invariant, message, step } of violations)
    output.say(`    ${output.paint('red', invariant)}: ${message}${step === null ? '' : ` (step ${step})`}`);
}
