// The shipped plans: `corpus/SCENARIO.json` reproduces the report, `corpus/SCENARIO.WHAT.json` shows something else that
// was found. What stays out: judging them.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { usageError } from '../harness/errors/errors.ts';
import type { Plan } from '../harness/model/plan.ts';
import { readPlan } from '../harness/search/plan-file.ts';

const folder = fileURLToPath(new URL('../scenarios/corpus/', import.meta.url));

/** The plan that reproduces a scenario's report. */
export function reproductionOf(scenario: string): Plan {
  const name = `${scenario}.json`;
  if (!readdirSync(folder).includes(name)) {
    throw usageError(
      'NO_REPRODUCTION',
      `No plan is shipped that reproduces ${scenario}.`,
      `Explore it instead: npx lockstep run ${scenario}.`,
    );
  }
  return readPlan(join(folder, name));
}

/** All shipped plans of a scenario that lie beside the reproduction, with the names of their files. */
export function corpusOf(scenario: string): readonly { readonly name: string; readonly plan: Plan }[] {
  return readdirSync(folder)
    .filter((name) => name === `${scenario}.json` || (name.startsWith(`${scenario}.`) && name.endsWith('.json')))
    .toSorted()
    .map((name) => ({ name, plan: readPlan(join(folder, name)) }));
}
