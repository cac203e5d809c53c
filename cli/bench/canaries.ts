// `npm run bench:canaries`: the canary in every language. Of each, how long a blind search takes to find the WAL-reset bug on the last SQLite that
// has it, from nothing (processes, files and all), for one seed after the other; and how many runs find nothing on one in which it is
// mended, though they reach the window. The chooser is the one that a search has by default. What stays out: the canaries (scenarios/).
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { machinesOf } from '../../harness/run/machines.ts';
import type { LaneBinaries } from '../../harness/run/pool.ts';
import type { Scenario } from '../../harness/model/scenario.ts';
import { search } from '../../harness/search/search.ts';
import { walResetC } from '../../scenarios/wal-reset-c.ts';
import { walResetNode } from '../../scenarios/wal-reset-node.ts';
import { walResetPython } from '../../scenarios/wal-reset-python.ts';
import { walReset } from '../../scenarios/wal-reset.ts';
import { type Canary, canariesTable, type Search } from './canaries-table.ts';
import { defaultChooser } from '../../harness/run/choosers/names.ts';

const canaries: { readonly [name: string]: () => Scenario | Promise<Scenario> } = {
  typescript: () => walReset,
  python: () => walResetPython(),
  node: () => walResetNode,
  c: walResetC,
};

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '7' },
    'first-seed': { type: 'string', default: '101' },
    runs: { type: 'string', default: '3000' },
    'clean-runs': { type: 'string', default: '300' },
    canaries: { type: 'string', default: Object.keys(canaries).join(',') },
    json: { type: 'string' },
  },
});

const withBug = '3.51.2';
const mended = '3.54.1';

/** What the bug does. That a program is told of it and fails comes earlier, now and then, and is no loss yet. */
const loss = ['integrity', 'acknowledged-commits'] as const;

async function searched(scenario: Scenario, machine: LaneBinaries, engine: string, seed: number, runs: number) {
  const { parameters } = scenario;
  const options = { scenario, scenarioModule: '', machine, strategy: 'wal', engine, parameters, seed, runs };
  const begun = performance.now();
  const only = engine === withBug ? { only: loss } : {};
  const found = await search({ ...options, ...only, chooser: defaultChooser });
  const { violations, marks, runs: made } = found;
  return {
    engine,
    seed,
    seconds: (performance.now() - begun) / 1000,
    runs: made,
    inWindow: marks['wal-reset-in-checkpoint'] ?? 0,
    found: violations.map(({ invariant }) => invariant),
  } satisfies Search;
}

async function measured(name: string): Promise<Canary> {
  const make = canaries[name];
  if (make === undefined)
    throw new Error(`There is no canary "${name}": known are ${Object.keys(canaries).join(', ')}.`);
  const scenario = await make();
  const commands = Object.values(scenario.programs).filter((program) => 'command' in program);
  const machines = await machinesOf([withBug, mended], { programs: commands });
  const searches: Search[] = [];
  const one = async (engine: string, seed: number, runs: number): Promise<void> => {
    const machine = machines.get(engine);
    if (machine === undefined) throw new Error(`There is no engine ${engine}.`);
    const result = await searched(scenario, machine, engine, seed, runs);
    process.stderr.write(
      `${name}, ${engine}, seed ${seed}: ${result.found[0] ?? 'nothing'} in ${result.runs} runs, ${result.seconds.toFixed(1)} s\n`,
    );
    searches.push(result);
  };
  const first = Number(values['first-seed']);
  for (let i = 0; i < Number(values.seeds); i++) await one(withBug, first + i, Number(values.runs));
  await one(mended, first, Number(values['clean-runs']));
  return { name, searches };
}

const results: Canary[] = [];
for (const name of values.canaries.split(',')) results.push(await measured(name));
process.stdout.write(`${canariesTable(results, withBug, mended)}\n`);
if (values.json !== undefined)
  writeFileSync(values.json, `${JSON.stringify({ format: 1, withBug, mended, canaries: results }, null, 2)}\n`);
const missed = results.some(({ searches }) =>
  searches.some(({ engine, found }) => (engine === withBug) !== found.length > 0),
);
process.exitCode = missed ? 1 : 0;
