// A crew: the processes that play one round at a time, reused from round to round. A process that has died, or has not given
// back what it opened, is replaced: a real one that ends drops its files and locks. What stays out: which rounds, and
// what they mean (stress.ts).
import { join } from 'node:path';
import type { Death } from '../../history/history.ts';
import type { Ending } from '../../lane/world.ts';
import type { StartProcess } from '../../schedule/run-options.ts';
import { usageError } from '../../errors.ts';
import type { Plan } from '../plan.ts';
import type { Scenario } from '../scenario.ts';
import type { FreeAnswer } from './free-host.ts';
import { FreeProcess, type FreeProcessOptions } from './free-process.ts';

/** What one process left. */
export interface Played extends FreeAnswer {
  readonly process: string;
}

export interface CrewOptions extends Omit<FreeProcessOptions, 'logPath'> {
  readonly scenario: Scenario;
  /** Where logs go; exists. */
  readonly folder: string;
  /** Tells crews apart, in names of logs. */
  readonly number: number;
  readonly restMsMax: number;
}

export class Crew {
  readonly #options: CrewOptions;
  readonly #processes: FreeProcess[] = [];
  #started = 0;

  constructor(options: CrewOptions) {
    this.#options = options;
  }

  /** Starts so many processes, and waits until they stand ready. */
  async warm(count: number): Promise<void> {
    await Promise.all(Array.from({ length: count }, (_, i) => this.#process(i).ready()));
  }

  /**
   * Starts all these processes together and waits until all have ended.
   *
   * @param root holds the files they begin with
   * @throws a usage error when a program cannot run free; harness errors
   */
  async play(plan: Plan, start: readonly StartProcess[], root: string): Promise<readonly Played[]> {
    const { scenario, restMsMax } = this.#options;
    const answers = start.map(async ({ name, program: programName, args }, number): Promise<Played> => {
      const program = scenario.programs[programName];
      if (program === undefined) throw new Error(`The scenario ${scenario.name} has no program ${programName}.`);
      const process = this.#process(number);
      const answer = await process.run({
        process: name,
        number,
        seed: plan.seed,
        root,
        program,
        args,
        horizonMs: plan.parameters.horizonMs,
        restMsMax,
        sqlite: plan.parameters.sqlite ?? {},
      });
      if (answer.open > 0) process.kill();
      return { process: name, ...answer };
    });
    const played = await settled(answers);
    const refused = played.find((one) => one.refused !== undefined)?.refused;
    if (refused !== undefined) throw cannotRunFree(scenario, refused);
    return played;
  }

  /** Kills every process. */
  close(): void {
    for (const process of this.#processes) process.kill();
  }

  #process(number: number): FreeProcess {
    const known = this.#processes[number];
    if (known?.alive === true) return known;
    const { binding, limitMs, folder, number: crew } = this.#options;
    const logPath = join(folder, `crew-${crew}-process-${this.#started++}.log`);
    const process = new FreeProcess({ binding, limitMs, logPath });
    this.#processes[number] = process;
    return process;
  }
}

export function cannotRunFree(scenario: Scenario, why: string): Error {
  return usageError(
    'CANNOT_RUN_FREE',
    `The scenario ${scenario.name} cannot run free. ${why}`,
    'Free-running rounds take scenarios whose processes are all there from the start, and plans without faults.',
  );
}

/** Waits for all, then throws the first error: no process is left in the middle of a round. */
async function settled<T>(promises: readonly Promise<T>[]): Promise<readonly T[]> {
  const outcomes = await Promise.allSettled(promises);
  return outcomes.map((outcome) => {
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value;
  });
}

/** Processes that did not return by themselves. */
export function deathsOf(played: readonly Played[]): readonly Death[] {
  const returned = ({ how }: Ending) => how === 'returned' || how === 'threw';
  return played.flatMap(({ process, ending }) => (returned(ending) ? [] : [{ process, ending, step: 0, nowMs: 0 }]));
}
