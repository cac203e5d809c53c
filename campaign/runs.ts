// Makes the runs of ranges, in a process of its own for each cell: whatever becomes of it, this one lives on and can say so. The last
// few cells' processes are kept, since a cell comes again. What stays out: which ranges (work.ts).
import { harmNames } from '../harness/model/invariant.ts';
import { windowOf } from '../harness/model/scenario.ts';
import { RunInterrupted } from '../harness/errors/interrupted.ts';
import type { LaneBinaries } from '../harness/run/pool.ts';
import { Job } from '../harness/search/job.ts';
import { findScenario } from '../scenarios/find.ts';
import { scenarioModuleOf } from '../scenarios/known.ts';
import { smallParameters } from '../scenarios/small.ts';
import { type CellName, keyOf } from '../compare/cells.ts';
import type { Going } from './generations.ts';
import type { RangeJob } from './queue.ts';
import { RangeTally, type RangeResult } from './range.ts';
import type { Spec } from './spec.ts';

/** Processes of so many cells are kept. */
const keptCells = 2;

/** Who makes the runs of a range. */
export interface RangeMaker {
  /**
   * Makes a range, or as much of it as there is time for.
   *
   * @param stop asked before each run; where it says so, what was made until then is the result
   * @param going what runs go by; undefined: each by its own number
   * @throws harness errors, which name the run
   */
  make(
    cell: CellName,
    range: Pick<RangeJob, 'first' | 'count'>,
    stop: () => boolean,
    going?: Going,
  ): Promise<RangeResult>;
  close(): Promise<void>;
}

export class Runs implements RangeMaker {
  readonly #spec: Spec;
  readonly #machines: ReadonlyMap<string, LaneBinaries>;
  /** The one used last stands last. */
  readonly #jobs = new Map<string, Job>();

  constructor(spec: Spec, machines: ReadonlyMap<string, LaneBinaries>) {
    this.#spec = spec;
    this.#machines = machines;
  }

  async make(
    cell: CellName,
    { first, count }: Pick<RangeJob, 'first' | 'count'>,
    stop: () => boolean,
    going?: Going,
  ): Promise<RangeResult> {
    const began = performance.now();
    const window = windowOf(findScenario(cell.scenario), cell.strategy);
    const tally = new RangeTally(first, window, going?.keptOf);
    const job = await this.#jobOf(cell);
    const watch = setInterval(() => {
      if (stop()) job.stop();
    }, 100);
    try {
      for (let run = first; run < first + count && !stop(); run++)
        tally.add(await job.run({ run, recipe: going?.recipeOf(run), runMs: null, allMs: null }));
    } catch (error) {
      await this.#forget(keyOf(cell)); // whatever went wrong shall not reach the next range
      if (!(error instanceof RunInterrupted && stop())) throw error;
    } finally {
      clearInterval(watch);
    }
    return tally.result((performance.now() - began) / 1000);
  }

  async #jobOf(cell: CellName): Promise<Job> {
    const key = keyOf(cell);
    const job = this.#jobs.get(key) ?? this.#newJob(cell);
    this.#jobs.delete(key);
    this.#jobs.set(key, job);
    const [oldest] = this.#jobs.keys();
    if (this.#jobs.size > keptCells && oldest !== undefined) await this.#forget(oldest);
    return job;
  }

  #newJob({ scenario: name, strategy, engine }: CellName): Job {
    const { seed, chooser, short } = this.#spec;
    const scenario = findScenario(name);
    const machine = this.#machines.get(engine);
    if (machine === undefined) throw new Error(`no machine for ${engine}`);
    return new Job({
      scenario,
      scenarioModule: scenarioModuleOf(name),
      machine,
      strategy,
      engine,
      parameters: short ? smallParameters(scenario) : scenario.parameters,
      seed,
      chooser,
      only: harmNames(scenario.invariants),
    });
  }

  async #forget(key: string): Promise<void> {
    const job = this.#jobs.get(key);
    this.#jobs.delete(key);
    await job?.close();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#jobs.values()].map((job) => job.close()));
    this.#jobs.clear();
  }
}
