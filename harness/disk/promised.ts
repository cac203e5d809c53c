// What a scenario promises of acknowledged commits when the power goes. What stays out: whether it holds (judge-image.ts).
import { askScenario, scenarioError } from '../errors/scenario-error.ts';
import { durabilities, type Durability } from '../model/file-systems.ts';
import type { Scenario } from '../model/scenario.ts';

/** @throws an error of the scenario when it answers what is no promise */
export function promisedBy(scenario: Scenario, strategy: string): Durability {
  const said: unknown = askScenario(scenario.name, '`durability`', () => scenario.durability?.(strategy));
  const promise = said === undefined ? 'acknowledged' : durabilities.find((one) => one === said);
  if (promise !== undefined) return promise;
  const remedy = `\`durability\` gives one of: ${durabilities.join(', ')}.`;
  throw scenarioError(scenario.name, `it promises ${JSON.stringify(said)} under the strategy ${strategy}.`, remedy);
}
