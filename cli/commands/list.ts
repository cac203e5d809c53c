// lockstep list: what there is to run, and with what.
import { promisedBy } from '../../harness/disk/promised.ts';
import { type Durability, fileSystemModels } from '../../harness/model/file-systems.ts';
import type { Scenario } from '../../harness/model/scenario.ts';
import { faultKinds } from '../../harness/run/faults/catalogue.ts';
import { allEntries } from '../../harness/engines/engine.ts';
import { marks } from '../../harness/observe/marks/catalogue.ts';
import { isKanban } from '../../scenarios/find.ts';
import { knownScenarios, ownScenarios } from '../../scenarios/known.ts';
import { policies } from '../../src/policies/catalogue.ts';
import type { Output } from '../output.ts';

/** @property promises of a strategy: what outlives a power loss */
interface Row {
  readonly name: string;
  readonly says: string;
  readonly promises?: Durability;
}

/** A document tells their state as well, which takes the digests of all that was built. */
async function engines({ json }: Output): Promise<readonly Row[]> {
  return json ? (await import('../../harness/engines/list.ts')).listEngines() : allEntries();
}

/** Those of a scenario, with what each promises. */
function strategiesOf(scenario: Scenario): readonly Row[] {
  return scenario.strategies.map(({ name, says }) => ({ name, says, promises: promisedBy(scenario, name) }));
}

/** Each name once: several scenarios may have one of it. */
function once(all: readonly Row[]): readonly Row[] {
  const rows = all.map(({ name, says, promises }) => ({ name, says, ...(promises === undefined ? {} : { promises }) }));
  return [...new Map(rows.map((row) => [row.name, row])).values()];
}

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
    strategies: [
      ...once(ownScenarios().flatMap(strategiesOf)),
      ...once(scenarios.filter(isKanban).flatMap(strategiesOf)),
    ],
    policies,
    engines: await engines(output),
    faults: Object.values(faultKinds).map(({ kind, says }) => ({ name: kind, says })),
    models: Object.entries(fileSystemModels).map(([name, { says, source }]) => ({ name, says, source })),
    invariants: once(scenarios.flatMap(({ invariants }) => invariants)),
    marks: once([...marks, ...scenarios.flatMap(({ marks: own = [] }) => own)]),
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
