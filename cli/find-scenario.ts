// Finds scenarios and strategies by name, or says which there are. What stays out: what they are.
import { usageError } from '../harness/errors.ts';
import type { Scenario } from '../harness/explore/scenario.ts';
import { scenarios } from '../scenarios/catalogue.ts';

/** URL of the module that exports `scenarios`, for other processes. */
export const scenarioModule = new URL('../scenarios/catalogue.ts', import.meta.url).href;

export function findScenario(name: string): Scenario {
  const found = scenarios.find((scenario) => scenario.name === name);
  if (found !== undefined) return found;
  throw usageError(
    'UNKNOWN_SCENARIO',
    `There is no scenario "${name}".`,
    `Scenarios: ${scenarios.map((scenario) => scenario.name).join(', ')}. \`npx lockstep list\` says what they are.`,
  );
}

/** Checks a strategy's name against what the scenario can run. Result: the name; the scenario's first by default. */
export function findStrategy(scenario: Scenario, name: string | undefined): string {
  const names = scenario.strategies.map((strategy) => strategy.name);
  const wanted = name ?? names[0] ?? '';
  if (names.includes(wanted)) return wanted;
  throw usageError(
    'UNKNOWN_STRATEGY',
    `The scenario ${scenario.name} has no strategy "${wanted}".`,
    `Its strategies: ${names.join(', ')}.`,
  );
}
