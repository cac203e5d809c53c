// Makes the corpus: `npm run corpus` writes the index anew (after a change that changes hashes); `npm run corpus -- --find`
// also looks for a minimal plan of every cell that has none: those that the scenarios' claims say fail, and those named.
// What stays out: deciding that a change of a hash is right, which the person who commits it does.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { harmNames } from '../harness/model/invariant.ts';
import { Coordinator } from '../harness/run/coordinator.ts';
import { machinesOf } from '../harness/run/machines.ts';
import { violationsOf } from '../harness/judge/judge-history.ts';
import type { Plan } from '../harness/model/plan.ts';
import { planText } from '../harness/search/plan-file.ts';
import type { Scenario } from '../harness/model/scenario.ts';
import { search } from '../harness/search/search.ts';
import { shrink } from '../harness/search/shrink/shrink.ts';
import { sizeOf } from '../harness/search/size.ts';
import type { History } from '../harness/model/history.ts';
import { writeWhole } from '../harness/host/write-whole.ts';
import type { LaneBinaries } from '../harness/run/pool.ts';
import { scenarios } from './catalogue.ts';
import {
  type CorpusEntry,
  corpusFiles,
  corpusFolder,
  corpusPlan,
  indexFile,
  minimalFolder,
  showsOf,
} from './corpus-index.ts';
import { smallParameters } from './small.ts';

/** Engines that stand for all those that fail alike: before the lock defence, with the WAL-reset bug, current. */
const engineClasses = ['3.50.4', '3.51.2', '3.54.1'] as const;

/** Known plans that are larger are not tried in other cells: their runs take seconds. */
const smallBytes = 6000;

const { values: options } = parseArgs({
  options: {
    find: { type: 'boolean', default: false },
    scenarios: { type: 'string' },
    strategies: { type: 'string' },
    search: { type: 'string', default: '30' },
    shrink: { type: 'string', default: '60' },
    jobs: { type: 'string', default: '2' },
    fresh: { type: 'boolean', default: false },
  },
});

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function scenarioOf(name: string): Scenario {
  const found = scenarios.find((scenario) => scenario.name === name);
  if (found === undefined) throw new Error(`no scenario ${name}`);
  return found;
}

const machines = new Map<string, LaneBinaries>();
async function machineOf(engine: string): Promise<LaneBinaries> {
  const known = machines.get(engine);
  if (known !== undefined) return known;
  const machine = (await machinesOf([engine])).get(engine);
  if (machine === undefined) throw new Error(`no engine ${engine}`);
  machines.set(engine, machine);
  return machine;
}

async function withCoordinator<T>(engine: string, body: (coordinator: Coordinator) => Promise<T>): Promise<T> {
  const coordinator = new Coordinator({ machine: await machineOf(engine) });
  try {
    return await body(coordinator);
  } finally {
    coordinator.close();
  }
}

function violated(scenario: Scenario, history: History): readonly string[] {
  return [...new Set(violationsOf(scenario, history).map(({ invariant }) => invariant))].toSorted();
}

/** A cell that is said to fail, or that someone asked for, and the violation that counts. */
interface Cell {
  readonly scenario: Scenario;
  readonly strategy: string;
  readonly engine: string;
  readonly target: readonly string[];
}

function cells(): readonly Cell[] {
  const wanted = options.scenarios?.split(',');
  return scenarios
    .filter(({ name }) => wanted === undefined || wanted.includes(name))
    .flatMap((scenario) => [
      ...scenario.claims
        .filter(({ expects }) => expects === 'violation')
        .map(({ strategy, engine, invariants }) => ({
          scenario,
          strategy,
          engine,
          target: invariants ?? harmNames(scenario.invariants),
        })),
      ...(options.strategies?.split(',') ?? []).flatMap((strategy) =>
        engineClasses.map((engine) => ({ scenario, strategy, engine, target: harmNames(scenario.invariants) })),
      ),
    ]);
}

/** A plan that fails in a cell: one of the corpus, or one that a search finds. */
async function failing({ scenario, strategy, engine, target }: Cell): Promise<Plan | undefined> {
  const known = options.fresh
    ? []
    : corpusFiles()
        .map(corpusPlan)
        .filter((plan) => plan.scenario === scenario.name && JSON.stringify(plan).length < smallBytes);
  const small = known.toSorted((a, b) => JSON.stringify(a).length - JSON.stringify(b).length);
  const shown = await withCoordinator(engine, async (coordinator) => {
    for (const plan of small) {
      const here = { ...plan, strategy, engine };
      if (violated(scenario, await coordinator.run(scenario, here)).some((name) => target.includes(name))) return here;
    }
    return undefined;
  });
  if (shown !== undefined || Number(options.search) === 0) return shown;
  const found = await search({
    scenario,
    scenarioModule: new URL('./catalogue.ts', import.meta.url).href,
    machine: await machineOf(engine),
    strategy,
    engine,
    parameters: smallParameters(scenario),
    seed: 1,
    jobs: Number(options.jobs),
    chooser: 'preemptions',
    only: target,
    timeMs: Number(options.search) * 1000,
  });
  return found.plan;
}

async function findMinimal(cell: Cell): Promise<void> {
  const { scenario, strategy, engine, target } = cell;
  const name = `${scenario.name}.${strategy}.${engine}${target.length === 1 ? `.${target[0]}` : ''}.json`;
  if (corpusFiles().includes(`${minimalFolder}/${name}`)) return;
  const plan = await failing(cell);
  if (plan === undefined) return say(`${name}: nothing found`);
  const timeMs = Number(options.shrink) * 1000;
  const shrunk = await withCoordinator(engine, async (coordinator) =>
    shrink({ coordinator, scenario, plan, target, timeMs }),
  );
  if (shrunk === undefined) throw new Error(`${name} does not fail any more`);
  const { size, minimal, seconds, runs } = shrunk;
  say(`${name}: ${JSON.stringify({ ...size, minimal, runs, seconds: Math.round(seconds) })}`);
  writeWhole(join(corpusFolder, minimalFolder, name), planText(shrunk.plan));
}

async function entryOf(file: string, coordinator: Coordinator): Promise<CorpusEntry> {
  const plan = corpusPlan(file);
  const scenario = scenarioOf(plan.scenario);
  const history = await coordinator.run(scenario, plan);
  const violates = violated(scenario, history);
  const shows = showsOf(file, scenario, violates);
  const { preemptions, faults, operations } = sizeOf(scenario, plan);
  return { hash: history.hash, violates: [...violates], shows: [...shows], preemptions, faults, operations };
}

async function writeIndex(): Promise<void> {
  const files = corpusFiles();
  const entries = new Map<string, CorpusEntry>();
  for (const engine of new Set(files.map((file) => corpusPlan(file).engine))) {
    await withCoordinator(engine, async (coordinator) => {
      for (const file of files)
        if (corpusPlan(file).engine === engine) entries.set(file, await entryOf(file, coordinator));
    });
  }
  const plans = Object.fromEntries(files.map((file) => [file, entries.get(file)]));
  writeWhole(join(corpusFolder, indexFile), `${JSON.stringify({ format: 1, plans }, null, 2)}\n`);
}

if (options.find) for (const cell of cells()) await findMinimal(cell);
await writeIndex();
process.exit(0);
