// Makes the mutants known in this process: to policies, and to strategies, which a lane never asks. What stays out: which
// processes know them (programs.test-support.ts, scenarios/mutants.test.ts).
import { addedValues, type Axis, type Policies } from '../../policies/catalogue.ts';
import { addedStrategies, strategies } from '../../strategies/catalogue.ts';
import { mutants, nameOf } from './catalogue.test-support.ts';
import type { Mutant } from './mutant.test-support.ts';

/** The changes of the fix, with the mutant where it breaks it. */
function changesOf(mutant: Mutant): Partial<Policies> {
  const fix = strategies.find(({ name }) => name === mutant.fix);
  if (fix === undefined) throw new Error(`The mutant ${nameOf(mutant)} breaks a strategy that there is not.`);
  const broken = Object.keys(mutant.broken).map((axis) => [axis as Axis, nameOf(mutant)]);
  return { ...fix.changes, ...(Object.fromEntries(broken) as Partial<Policies>) };
}

/** From now on strategies and policies of this process can name mutants. */
export function registerMutants(): void {
  for (const mutant of mutants) {
    const name = nameOf(mutant);
    addedValues.set(name, mutant.broken);
    addedStrategies.set(name, { name, says: mutant.says, changes: changesOf(mutant) });
  }
}

/** Undoes {@link registerMutants}: other tests run in the same process. */
export function forgetMutants(): void {
  for (const name of mutants.map((mutant) => nameOf(mutant))) {
    addedValues.delete(name);
    addedStrategies.delete(name);
  }
}
