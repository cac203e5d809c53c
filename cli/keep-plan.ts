// Plans that commands write: whole or not at all, and printed where they cannot be written, so that nothing is lost.
import type { Plan } from '../harness/explore/plan.ts';
import { planText, writeWhole } from '../harness/explore/plan-file.ts';
import type { Output } from './output.ts';

/** @returns the path; null when the file could not be written */
export function keepPlan(path: string, plan: Plan, output: Output): string | null {
  try {
    writeWhole(path, planText(plan));
    return path;
  } catch (error) {
    process.stderr.write(`${planText(plan)}The plan above could not be written to ${path}: copy it.\n`);
    if (output.verbose) process.stderr.write(`${String(error)}\n`);
    return null;
  }
}

/** Says where a plan went; nothing when it went nowhere. */
export function tellPlan(path: string | null, output: Output, indent = '  '): void {
  if (path !== null) output.say(`${indent}plan: ${path}\n${indent}see it again: npx lockstep replay ${path}`);
}
