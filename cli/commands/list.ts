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

/** Each name once: several scenarios may have one of it. */
function once(all: readonly Row[]): readonly Row[] {
  return [...new Map(all.map(({ name, says }) => [name, { name, says }])).values()];
}

async function catalogue(output: Output) {
  const scenarios = knownScenarios();
  return {
    scenarios: scenarios.map(({ name, says, source, engine, window, strategies: known }) => ({
      name,
      says,
      source,
      engine,
      window,
      strategies: known.map((strategy) => strategy.name),
    })),
    strategies: [...once(ownScenarios().flatMap((one) => one.strategies)), ...once(strategies)],
    policies,
    engines: await engines(output),
    faults: Object.values(faultKinds).map(({ kind, says }) => ({ name: kind, says })),
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
    output.table(rows.map(({ name, says }) => [name, says]));
    output.say();
  }
  return 0;
}
