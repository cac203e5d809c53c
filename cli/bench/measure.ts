// Time to a known bug: searches from warm coordinators, over and over with other seeds, and free-running stress between them,
// in one run on one machine. What stays out: statistics (statistics.ts), and how it is printed (table.ts).
import { availableParallelism } from 'node:os';
import type { Scenario } from '../../harness/model/scenario.ts';
import { Stress, type StressResult } from '../../harness/search/stress/stress.ts';
import type { LaneBinaries } from '../../harness/run/pool.ts';
import type { Configuration } from './configurations.ts';
import { Searchers, type SearchTime } from './searchers.ts';
import { counted, type Estimate, meanTime, medianTime, secondsPerHit, timesFaster } from './statistics.ts';

/**
 * @property machines by the name of the engine, one for each that a configuration names
 * @property binding of the engine that the stress runs on
 * @property invariants what makes a hit, for searches and stress alike
 * @property seeds of the searches, the same for every configuration
 * @property timeLimitMs of one search, real
 * @property stressMs real milliseconds of stress in all; 0 for none
 * @property restsMsMax a stress for each: real milliseconds that a program in it sleeps at most. They share `stressMs`
 * @property stop asked now and then; true ends it with what there is
 */
export interface BenchOptions {
  readonly scenario: Scenario;
  readonly scenarioModule: string;
  readonly strategy: string;
  readonly engine: string;
  readonly machines: ReadonlyMap<string, LaneBinaries>;
  readonly binding: string;
  readonly invariants: readonly string[];
  readonly configurations: readonly Configuration[];
  readonly seeds: readonly number[];
  readonly timeLimitMs: number;
  readonly stressMs: number;
  readonly crews?: number;
  readonly restsMsMax: readonly number[];
  readonly stop: () => boolean;
  readonly progress: (line: string) => void;
  readonly status: (line: string) => void;
}

/** One search of a configuration. */
export interface SeededSearch extends SearchTime {
  readonly seed: number;
}

/**
 * What one configuration took.
 *
 * @property censored searches that ended without a hit: at the time limit, or interrupted
 * @property medianSeconds null where more than half found nothing in time: then the median is at least `medianAtLeast`
 * @property meanSeconds of search for a hit, searches without one included; null without hits
 * @property meanRuns runs for a hit, likewise
 * @property ahead how many times more hits a second than each stress, in the order of {@link KnownBug.stress}
 */
export interface Measured {
  readonly chooser: string;
  readonly engine: string;
  readonly depth: Configuration['depth'];
  readonly jobs: number;
  readonly hits: number;
  readonly censored: number;
  readonly medianSeconds: number | null;
  readonly medianAtLeast: number | null;
  readonly meanSeconds: number | null;
  readonly meanRuns: number | null;
  readonly runsPerSecond: number;
  readonly stepsPerSecond: number;
  readonly ahead: readonly (Estimate | null)[];
  readonly searches: readonly SeededSearch[];
}

/** @property seconds from nothing to the end of the first run: processes, files and all */
export interface ColdStart {
  readonly engine: string;
  readonly jobs: number;
  readonly seconds: number;
}

export type StressMeasured = StressResult & {
  readonly roundsPerSecond: number;
  readonly secondsPerHit: Estimate;
};

/** Time to a known bug, as in the JSON document. */
export interface KnownBug {
  readonly scenario: string;
  readonly strategy: string;
  readonly engine: string;
  readonly invariants: readonly string[];
  readonly seeds: readonly number[];
  readonly timeLimitSeconds: number;
  readonly processors: number;
  readonly stress: readonly StressMeasured[];
  readonly coldStarts: readonly ColdStart[];
  readonly configurations: readonly Measured[];
}

/** Runs of each searcher before anything is measured: Node compiles what it sees often. */
const warmUpRuns = 100;

type Unrated = Omit<Measured, 'ahead'>;

export async function measureKnownBug(options: BenchOptions): Promise<KnownBug> {
  const stresses = options.stressMs > 0 ? options.restsMsMax.map((restMsMax) => newStress(options, restMsMax)) : [];
  const coldStarts: ColdStart[] = [];
  const measured: Unrated[] = [];
  try {
    for (const stress of stresses) await stress.warm(options.stop);
    // In as many stretches as there are configurations: what else the machine does meanwhile meets all alike.
    const stretchMs = options.stressMs / options.configurations.length / stresses.length;
    let team: Team | undefined;
    try {
      for (const configuration of options.configurations) {
        const { engine, jobs } = configuration;
        await stretch(stresses, stretchMs, configuration, options);
        if (options.stop()) break;
        if (team?.fits(configuration) !== true) {
          await team?.searchers.close();
          team = newTeam(options, configuration);
          coldStarts.push(await team.warm());
          options.progress(`${engine}, ${jobs} ${jobs === 1 ? 'job' : 'jobs'}: warm`);
        }
        if (options.stop()) break;
        measured.push(await measure(options, configuration, team.searchers));
      }
    } finally {
      await team?.searchers.close();
    }
    const stressed = stresses.map((stress) => stress.result()).filter(({ rounds }) => rounds > 0);
    return report(options, measured, coldStarts, stressed);
  } finally {
    for (const stress of stresses) stress.close();
  }
}

/** One stretch of each stress. */
async function stretch(stresses: readonly Stress[], timeMs: number, next: Configuration, options: BenchOptions) {
  for (const stress of stresses) {
    if (options.stop()) return;
    const sofar = stress.result();
    options.status(`stress ${restsOf(sofar)}: ${Math.round(sofar.seconds)} s, then ${titleOf(next)}`);
    await stress.run(timeMs, options.stop);
  }
}

export function restsOf({ restMsMax }: Pick<StressResult, 'restMsMax'>): string {
  return restMsMax === 0 ? 'without rests' : `with rests of at most ${restMsMax} ms`;
}

export function titleOf({ name, engine, jobs }: Configuration): string {
  return `${name} on ${engine}, ${jobs} ${jobs === 1 ? 'job' : 'jobs'}`;
}

function newStress(options: BenchOptions, restMsMax: number): Stress {
  const { scenario, strategy, engine, binding, invariants, crews } = options;
  return new Stress({
    scenario,
    strategy,
    engine,
    binding,
    parameters: scenario.parameters,
    seed: options.seeds[0] ?? 1,
    only: invariants,
    ...(crews === undefined ? {} : { crews }),
    restMsMax,
  });
}

/** Searchers that several configurations share. */
interface Team {
  readonly searchers: Searchers;
  fits(configuration: Configuration): boolean;
  /** Warms them up. Result: how long the very first run took. */
  warm(): Promise<ColdStart>;
}

function newTeam(options: BenchOptions, { engine, jobs, choice }: Configuration): Team {
  const machine = options.machines.get(engine);
  if (machine === undefined) throw new Error(`There is no machine for ${engine}.`);
  const { scenario, scenarioModule } = options;
  const began = performance.now();
  const searchers = new Searchers(jobs, { scenarioModule, scenario: scenario.name, machine });
  // No violation counts, so every run is made; and seeds of searches are not below 0.
  const nothing = { ...searchOptions(options, engine, 2 ** 31), ...choice, only: [] };
  return {
    searchers,
    fits: (other) => other.engine === engine && other.jobs === jobs,
    warm: async () => {
      await searchers.search(nothing, { runs: 1 }, options.stop);
      const seconds = (performance.now() - began) / 1000;
      await searchers.search(nothing, { runs: warmUpRuns }, options.stop);
      return { engine, jobs, seconds };
    },
  };
}

function searchOptions({ scenario, strategy, invariants }: BenchOptions, engine: string, seed: number) {
  return { strategy, engine, parameters: scenario.parameters, seed, only: invariants };
}

async function measure(options: BenchOptions, configuration: Configuration, searchers: Searchers): Promise<Unrated> {
  const { engine, depth, jobs, name, choice } = configuration;
  const searches: SeededSearch[] = [];
  for (const seed of options.seeds) {
    if (options.stop()) break;
    const limits = { timeMs: options.timeLimitMs };
    const time = await searchers.search({ ...searchOptions(options, engine, seed), ...choice }, limits, options.stop);
    searches.push({ seed, ...time });
    options.status(
      `${titleOf(configuration)}: seed ${seed}, ${time.seconds.toFixed(2)} s${time.hit ? '' : ', no hit'}`,
    );
  }
  const unrated = { chooser: name, engine, depth, jobs, ...figuresOf(searches), searches };
  const { hits, censored, medianSeconds, medianAtLeast } = unrated;
  const median = medianSeconds === null ? `at least ${medianAtLeast?.toFixed(2)}` : medianSeconds.toFixed(2);
  options.progress(`${titleOf(configuration)}: median ${median} s, ${hits} hits, ${censored} searches without`);
  return unrated;
}

function figuresOf(
  searches: readonly SeededSearch[],
): Omit<Unrated, 'chooser' | 'engine' | 'depth' | 'jobs' | 'searches'> {
  const sum = (of: (one: SeededSearch) => number) => searches.reduce((total, one) => total + of(one), 0);
  const { hits } = counted(searches);
  const median = medianTime(searches);
  const busySeconds = sum((one) => one.busySeconds) || Infinity;
  return {
    hits,
    censored: searches.length - hits,
    medianSeconds: 'seconds' in median ? median.seconds : null,
    medianAtLeast: 'atLeast' in median ? median.atLeast : null,
    meanSeconds: meanTime(searches),
    meanRuns: hits === 0 ? null : sum((one) => one.runs) / hits,
    runsPerSecond: sum((one) => one.runs) / busySeconds,
    stepsPerSecond: sum((one) => one.steps) / busySeconds,
  };
}

/** The document, out of what was measured. */
export function report(
  {
    scenario,
    strategy,
    engine,
    invariants,
    seeds,
    timeLimitMs,
  }: Pick<BenchOptions, 'scenario' | 'strategy' | 'engine' | 'invariants' | 'seeds' | 'timeLimitMs'>,
  measured: readonly Unrated[],
  coldStarts: readonly ColdStart[],
  stresses: readonly StressResult[],
): KnownBug {
  const rateOf = ({ hits, seconds }: StressResult) => ({ hits: hits.length, seconds });
  return {
    scenario: scenario.name,
    strategy,
    engine,
    invariants,
    seeds,
    timeLimitSeconds: timeLimitMs / 1000,
    processors: availableParallelism(),
    stress: stresses.map((stress) => ({
      ...stress,
      roundsPerSecond: stress.rounds / stress.seconds,
      secondsPerHit: secondsPerHit(rateOf(stress)),
    })),
    coldStarts,
    configurations: measured.map((one) => ({
      ...one,
      ahead: stresses.map((stress) => timesFaster(counted(one.searches), rateOf(stress))),
    })),
  };
}
