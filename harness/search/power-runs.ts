// Power losses in recorded runs: the runs that a search draws, each with what its disk may become when the power goes, on each of some file
// systems. What stays out: one recorded run (crash/crash-search.ts), and power losses in the middle of runs that go on (run/lose-power.ts).
import { type CrashFailure, crashSearch } from '../crash/crash-search.ts';
import { OpenedDisks } from '../crash/evidence.ts';
import { recordRun } from '../crash/recorded-run.ts';
import { promisedBy } from '../disk/promised.ts';
import { RunInterrupted } from '../errors/interrupted.ts';
import { fileSystemModels, type ModelName } from '../model/file-systems.ts';
import type { Parameters, Plan } from '../model/plan.ts';
import { type PowerFigures, sumOfFigures, togetherByModel } from '../model/power-figures.ts';
import type { Scenario } from '../model/scenario.ts';
import type { Coordinator } from '../run/coordinator.ts';
import { planOfRun } from './runner.ts';

/**
 * @property models file systems
 * @property first number of the first run, `runs` how many at most: what the scenario makes by `seed`, in the default schedule
 * @property statesMax of each run on each file system, a sample where there are more
 * @property shownOn file systems of which failures are shown, with plans; default: all
 * @property timeMs real milliseconds for all
 */
export interface PowerRunsOptions {
  readonly coordinator: Coordinator;
  readonly scenario: Scenario;
  readonly strategy: string;
  readonly engine: string;
  readonly parameters: Parameters;
  readonly seed: number;
  readonly models: readonly ModelName[];
  readonly first: number;
  readonly runs: number;
  readonly statesMax: number;
  readonly shownOn?: (model: ModelName) => boolean;
  readonly timeMs: number;
  readonly stop: () => boolean;
}

/**
 * @property failures by file system and invariant, the first of each, with plans that replay; those on file systems on which SQLite promises
 *   nothing are figures ({@link isBroken})
 */
export interface PowerRuns {
  readonly figures: readonly PowerFigures[];
  readonly failures: readonly (CrashFailure & { readonly model: ModelName })[];
}

/** Does a failure on this file system break what was promised? */
export function isBroken({ model }: { readonly model: ModelName }): boolean {
  return fileSystemModels[model].promised;
}

/** First openings that are cut off by another power loss, of each run. */
const recoveriesMax = 1;

export async function powerRuns(options: PowerRunsOptions): Promise<PowerRuns> {
  const { scenario, strategy, first, runs, timeMs, stop } = options;
  if (runs <= 0 || scenario.server?.needed(strategy) === true) return { figures: [], failures: [] };
  const began = performance.now();
  const over = () => stop() || performance.now() - began > timeMs;
  let figures: readonly PowerFigures[] = [];
  const failures: PowerRuns['failures'][number][] = [];
  const { database, queries } = scenario;
  const opened = new OpenedDisks({ database, queries, stop: over });
  try {
    for (let run = first; run < first + runs && !over(); run++) {
      const isShown = (model: ModelName, invariant: string): boolean =>
        (options.shownOn?.(model) ?? true) &&
        !failures.some((one) => one.model === model && one.invariant === invariant);
      const found = await unlessCut(() => ofRun(options, run, { opened, isShown }, over));
      if (found === undefined) break;
      figures = togetherByModel([figures, found.figures], sumOfFigures);
      failures.push(...found.failures);
    }
  } finally {
    opened.close();
  }
  return { figures, failures };
}

/** What runs of one cell have in common. */
interface Shared {
  readonly opened: OpenedDisks;
  readonly isShown: (model: ModelName, invariant: string) => boolean;
}

/** All file systems or none: figures of a run that was cut off would be of its beginning. */
async function ofRun(
  options: PowerRunsOptions,
  run: number,
  { opened, isShown }: Shared,
  over: () => boolean,
): Promise<PowerRuns> {
  opened.forget();
  const { coordinator, scenario, strategy, engine, parameters, seed, models, statesMax } = options;
  const drawn = planOfRun(scenario, { strategy, engine, parameters, seed, chooser: 'replay' }, run);
  const plan: Plan = { ...drawn, faults: drawn.faults.filter(({ kind }) => kind !== 'power-loss') };
  const recorded = await recordRun({ coordinator, scenario, plan, stop: over });
  const promise = promisedBy(scenario, strategy);
  const figures: PowerFigures[] = [];
  const failures: PowerRuns['failures'][number][] = [];
  for (const model of models) {
    const system = { model };
    const found = await crashSearch({
      coordinator,
      scenario,
      plan,
      system,
      durability: promise,
      recorded,
      opened,
      statesMax,
      recoveriesMax,
      shows: (invariant) => isShown(model, invariant),
      seed: plan.seed,
      stop: over,
    });
    if (found.interrupted) throw new RunInterrupted();
    const { states, recoveries, losing } = found;
    figures.push({
      model,
      promise,
      runs: 1,
      losing: losing.states > 0 ? 1 : 0,
      states: states.tried + recoveries.tried,
      disks: states.images + recoveries.images,
      losingStates: losing.states,
      rowsMost: losing.rowsMost,
      failing: states.failing + recoveries.failing,
      recovered: states.recovered + recoveries.recovered,
    });
    failures.push(...found.failures.map((failure) => ({ ...failure, model })));
  }
  return { figures, failures };
}

async function unlessCut<T>(body: () => Promise<T>): Promise<T | undefined> {
  try {
    return await body();
  } catch (error) {
    if (error instanceof RunInterrupted) return undefined;
    throw error;
  }
}
