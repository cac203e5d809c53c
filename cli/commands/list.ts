// lockstep list: what there is to run, and with what.
import { promisedBy } from '../../harness/disk/promised.ts';
import { type Durability, fileSystemModels } from '../../harness/model/file-systems.ts';
import type { Named, Scenario } from '../../harness/model/scenario.ts';
import { faultKinds } from '../../harness/run/faults/catalogue.ts';
import { allEntries } from '../../harness/engines/engine.ts';
import { marks } from '../../harness/observe/marks/catalogue.ts';
import { isKanban } from '../../scenarios/kanban/is-kanban.ts';
import { knownScenarios, ownScenarios } from '../../scenarios/known.ts';
import { policies } from '../../src/policies/catalogue.ts';
import type { Output } from '../output.ts';

/** @property promises of a strategy: what outlives a power loss */
interface Row extends Named {
  readonly promises?: Durability;
}

/** A document tells their state as well, which takes the digests of all that was built. */
async function engines({ json }: Output): Promise<readonly Row[]> {
  return json ? (await import('../../harness/engines/list.ts')).listEngines() : allEntries();
}

/** Each name once: several scenarios may have one of it. */
function once<Row extends Named>(all: readonly Row[]): readonly Row[] {
  return [...new Map(all.map((row) => [row.name, row])).values()];
}

/** Those of scenarios, with what each promises. */
function strategiesOf(scenarios: readonly Scenario[]): readonly Row[] {
  const all = scenarios.flatMap((scenario) => scenario.strategies.map(({ name, says }) => ({ name, says, scenario })));
  return once(all).map(({ name, says, scenario }) => ({ name, says, promises: promisedBy(scenario, name) }));
}

const named = ({ name, says }: Named): Row => ({ name, says });

async function catalogue(output: Output) {
  const scenarios = knownScenarios();
  return {
    scenarios: scenarios.map(({ name, says, family, source, engine, window, strategies: known }) => ({
      name,
      says,
      source,
      engine,
      window,
      ...(family === undefined ? {} : { family }),
      strategies: known.map((strategy) => strategy.name),
    })),
    strategies: [...strategiesOf(ownScenarios()), ...strategiesOf(scenarios.filter(isKanban))],
    policies,
    engines: await engines(output),
    faults: Object.values(faultKinds).map(({ kind, says }) => ({ name: kind, says })),
    models: Object.entries(fileSystemModels).map(([name, { says, source }]) => ({ name, says, source })),
    invariants: once(scenarios.flatMap(({ invariants }) => invariants)).map(named),
    marks: once([...marks, ...scenarios.flatMap(({ marks: own = [] }) => own)]).map(named),
  };
}

export async function list(output: Output): Promise<number> {
  const all = await catalogue(output);
  output.result({ format: 1, ...all });
  if (output.json) return 0;
  for (const [title, rows] of Object.entries(all) as [string, readonly Row[]][]) {
    output.say(output.paint('bold', title));
    output.table(rows.map(({ name, says, promises }) => [name, says, ...(promises === undefined ? [] : [promises])]));
    output.say();
  }
  return 0;
}
