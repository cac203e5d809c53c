// `bench --bugs`: schedules and seconds to the first hit of each known bug, for each chooser and seed. What stays out: what the
// figures say (figures.ts), and how they are shown (table.ts, plot.ts).
import { Coordinator } from '../../../harness/run/coordinator.ts';
import type { LaneBinaries } from '../../../harness/run/pool.ts';
import { search } from '../../../harness/search/search.ts';
import type { KnownBug } from '../../../scenarios/bugs/catalogue.ts';
import type { Plan } from '../../../harness/model/plan.ts';
import type { NamedChoice } from '../choices.ts';
import { type BugShrunk, makeSmall } from './make-small.ts';

/**
 * One search for one bug.
 *
 * @property runs schedules made, the one that hit included
 * @property seconds real, without confirming the hit on a quiet machine
 */
export interface BugSearch {
  readonly bug: string;
  readonly chooser: string;
  readonly seed: number;
  readonly hit: boolean;
  readonly runs: number;
  readonly seconds: number;
}

/**
 * @property machines by the name of the engine
 * @property runsMost a search without a hit ends after so many: a miss, which counts as so many
 * @property timeMs real milliseconds of one search
 * @property jobs coordinators side by side
 * @property shrinkMs real milliseconds at most for making the first hit of each bug minimal; undefined: that is not done
 */
export interface BugsOptions {
  readonly bugs: readonly KnownBug[];
  readonly choosers: readonly NamedChoice[];
  readonly seeds: readonly number[];
  readonly machines: ReadonlyMap<string, LaneBinaries>;
  readonly runsMost: number;
  readonly timeMs: number;
  readonly jobs: number;
  readonly shrinkMs: number | undefined;
  readonly scenarioModule: string;
  readonly stop: () => boolean;
  readonly status: (line: string) => void;
  readonly progress: (line: string) => void;
}

export interface BugsMeasured {
  readonly searches: readonly BugSearch[];
  readonly shrunk: readonly BugShrunk[];
}

/** Choosers take turns, so that whatever else the machine does meets all alike. */
export async function measureBugs(options: BugsOptions): Promise<BugsMeasured> {
  const { bugs, choosers, seeds, jobs, shrinkMs, stop, status, progress } = options;
  const made: BugSearch[] = [];
  const shrunk: BugShrunk[] = [];
  for (const known of bugs) {
    const { engine } = known.broken;
    const machine = options.machines.get(engine);
    if (machine === undefined) throw new Error(`There is no machine for ${engine}.`);
    let failing: Plan | undefined;
    const coordinator = jobs === 1 ? new Coordinator({ machine, stop }) : undefined;
    try {
      for (const { chooser, seed } of seeds.flatMap((one) =>
        choosers.map((other) => ({ chooser: other, seed: one })),
      )) {
        const one = stop() ? undefined : await searchFor(known, chooser, seed, machine, coordinator, options);
        if (one === undefined) return { searches: made, shrunk }; // interrupted
        const { plan, ...found } = one;
        made.push(found);
        if (found.hit) failing ??= plan;
        status(`${one.bug}: ${one.chooser}, seed ${seed}, ${one.runs} runs${one.hit ? '' : ', no hit'}`);
      }
    } finally {
      coordinator?.close();
    }
    if (failing !== undefined && shrinkMs !== undefined) {
      const small = await makeSmall(known, failing, machine, { timeMs: shrinkMs, stop });
      if (small !== undefined) shrunk.push(small);
    }
    const its = made.filter(({ bug }) => bug === known.bug.name);
    progress(`${known.bug.name}: ${its.filter(({ hit }) => hit).length} hits in ${its.length} searches`);
  }
  return { searches: made, shrunk };
}

async function searchFor(
  { bug, broken }: KnownBug,
  { name: chooser, choice }: NamedChoice,
  seed: number,
  machine: LaneBinaries,
  coordinator: Coordinator | undefined,
  { runsMost, timeMs, jobs, scenarioModule, stop }: BugsOptions,
): Promise<(BugSearch & { readonly plan: Plan | undefined }) | undefined> {
  const { scenario, strategy, engine } = broken;
  const { invariants, says } = bug.signature;
  const result = await search({
    scenario,
    scenarioModule,
    machine,
    ...(coordinator === undefined ? {} : { coordinator }),
    strategy,
    engine,
    parameters: scenario.parameters,
    seed,
    ...choice,
    only: invariants,
    runs: runsMost,
    timeMs,
    jobs,
    stop,
  });
  if (result.interrupted) return undefined;
  const [failure] = result.failures;
  const hit = failure?.violations.some(({ message }) => says.test(message)) === true;
  return { bug: bug.name, chooser, seed, hit, runs: result.runs, seconds: result.seconds, plan: failure?.plan };
}
