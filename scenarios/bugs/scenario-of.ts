// A bug as a scenario. What stays out: which bugs there are (catalogue.ts).
import { z } from 'zod';
import { defineScenario } from '../../harness/api/define-scenario.ts';
import { world } from '../../harness/api/programs.ts';
import { invariant } from '../../harness/model/invariant.ts';
import type { Scenario } from '../../harness/model/scenario.ts';
import type { Bug, Draw, PlantedBug, PlantedProcess } from './bug.ts';

/** What a search for the bug is about. */
export interface BugSetting {
  readonly scenario: Scenario;
  readonly strategy: string;
  readonly engine: string;
}

const broken = 'as-is';
const fixed = 'fixed';

function drawOf(random: () => number): Draw {
  return (least, most) => least + Math.floor(random() * (most - least + 1));
}

/** @param programs names of the functions that `module` exports */
function planted(bug: PlantedBug, module: string, programs: readonly string[]): Scenario {
  const { name, about, schema, queries, processes, faults, engine, database = 'app.db' } = bug;
  const holds = invariant('planted', 'harm', bug.rule, function* (history) {
    const message = bug.broken(history);
    if (message !== undefined) yield { message };
  });
  return defineScenario({
    name,
    says: about,
    from: module,
    database,
    setup: schema,
    programs: Object.fromEntries(programs.map((one) => [one, world(module, one)])),
    workload: z.json(),
    generate: ({ random }) => processes(drawOf(random)) as never,
    ...(faults === undefined ? {} : { faults: ({ random }) => faults(drawOf(random)) }),
    start: (plan) =>
      (plan.workload as unknown as readonly PlantedProcess[]).map(({ args, ...process }) => ({
        ...process,
        args: { ...args, fixed: plan.strategy === fixed },
      })),
    queries,
    invariants: [holds],
    strategies: [
      { name: broken, says: 'with the bug' },
      { name: fixed, says: 'without it' },
    ],
    ...(bug.vary === true ? {} : { vary: false as const }),
    stepsMax: 100_000,
    engine,
  });
}

/** @param programs names of the functions that `module` exports */
export function settingOf(
  bug: Bug,
  module: string,
  programs: readonly string[],
): { readonly broken: BugSetting; readonly sound: BugSetting } {
  const { engine } = bug;
  if ('scenario' in bug) {
    const { scenario, strategy, sound } = bug;
    return { broken: { scenario, strategy, engine }, sound: { scenario, ...sound } };
  }
  const scenario = planted(bug, module, programs);
  return { broken: { scenario, strategy: broken, engine }, sound: { scenario, strategy: fixed, engine } };
}
