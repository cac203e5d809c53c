// lockstep list: what there is to run, and with what.
import { faultKinds } from '../../harness/run/faults/catalogue.ts';
import { allEntries } from '../../harness/engines/engine.ts';
import { marks } from '../../harness/observe/marks/catalogue.ts';
import { knownScenarios, ownScenarios } from '../../scenarios/known.ts';
import { strategies } from '../../src/strategies/catalogue.ts';
import { policies } from '../../src/policies/catalogue.ts';
import type { Output } from '../output.ts';

interface Row {
  readonly name: string;
  readonly says: string;
}

/** A document tells their state as well, which takes the digests of all that was built. */
async function engines({ json }: Output): Promise<readonly Row[]> {
  return json ? (await import('../../harness/engines/list.ts')).listEngines() : allEntries();
}

async function catalogue(output: Output) {
  const scenarios = knownScenarios();
  const byName = new Map(
    scenarios.flatMap(({ invariants }) => invariants.map(({ name, says }) => [name, { name, says }] as const)),
  );
  const ownStrategies = new Map(
    ownScenarios().flatMap((scenario) => scenario.strategies.map(({ name, says }) => [name, { name, says }] as const)),
  );
  return {
    scenarios: scenarios.map(({ name, says, source, engine, window, strategies: known }) => ({
      name,
      says,
      source,
      engine,
      window,
      strategies: known.map((strategy) => strategy.name),
    })),
    strategies: [...ownStrategies.values(), ...strategies.map(({ name, says }) => ({ name, says }))],
    policies,
    engines: await engines(output),
    faults: Object.values(faultKinds).map(({ kind, says }) => ({ name: kind, says })),
    invariants: [...byName.values()],
    marks: [...marks, ...scenarios.flatMap(({ marks: own = [] }) => own)].map(({ name, says }) => ({ name, says })),
  };
}

export async function list(output: Output): Promise<number> {
  const all = await catalogue(output);
  output.result({ format: 1, ...all });
  if (output.json) return 0;
  for (const [title, rows] of Object.entries(all) as [string, readonly Row[]][]) {
    output.say(output.paint('bold', title));
    output.table(rows.map(({ name, says }) => [name, says]));
    output.say();
  }
  return 0;
}
