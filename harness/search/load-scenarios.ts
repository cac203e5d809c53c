// Loads a module that declares scenarios: one of ours, or somebody's own. `lockstep` means this installation there, whichever
// one is installed beside the file, or none: scenarios and the machine that runs them are of one version. What stays out: which
// modules there are (scenarios/own.ts).
import { registerHooks } from 'node:module';
import type { Scenario } from '../model/scenario.ts';

const ourselves = new URL('../api/index.ts', import.meta.url).href;

let hooked = false;

function meanOurselves(): void {
  if (hooked) return;
  hooked = true;
  registerHooks({
    resolve: (name, context, next) =>
      name === 'lockstep' ? { url: ourselves, shortCircuit: true } : next(name, context),
  });
}

/** Enough to be told what else is wrong with it (run/check-scenario.ts). */
function isScenario(value: unknown): value is Scenario {
  return typeof value === 'object' && value !== null && 'programs' in value && 'start' in value;
}

/**
 * The scenarios that a module exports, in the order of their export's names: each by itself, or in lists.
 *
 * @param module its `file:` URL
 * @throws what the module throws
 */
export async function scenariosIn(module: string): Promise<readonly Scenario[]> {
  meanOurselves();
  const exported = (await import(module)) as { readonly [name: string]: unknown };
  return [...new Set(Object.values(exported).flat().filter(isScenario))];
}

/** @throws an error when there is none of this name, and what the module throws */
export async function scenarioIn(module: string, name: string): Promise<Scenario> {
  const found = (await scenariosIn(module)).find((one) => one.name === name);
  if (found === undefined) throw new Error(`The module ${module} has no scenario ${name}.`);
  return found;
}
