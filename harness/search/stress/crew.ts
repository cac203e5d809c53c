// A crew: the processes that play one round at a time, reused from round to round. A process that has died, or has not given
// back what it opened, is replaced: a real one that ends drops its files and locks. What stays out: which rounds, and
// what they mean (stress.ts).
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { isCommand, type StartProcess } from '../../model/process.ts';
import { usageError } from '../../errors/errors.ts';
import type { Plan } from '../../model/plan.ts';
import type { Scenario } from '../../model/scenario.ts';
import type { WayToServer } from '../../postgres/server.ts';
import type { FreeAnswer } from './free-host.ts';
import { FreeProcess, type FreeProcessOptions } from './free-process.ts';
import { makePostOffice, type PostOffice, tellEnd } from './mail.ts';

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
  /** Kinds of observations that are wanted; default: all. */
  readonly keeps?: readonly string[];
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
   * @param services processes that the others write to, and that are told to end when the others have; without any, the
   *   processes of a round have no mail
   * @param server of the round, where it has one
   * @throws a usage error when a program cannot run free; harness errors
   */
  async play(
    plan: Plan,
    start: readonly StartProcess[],
    root: string,
    services: readonly string[] = [],
    server?: WayToServer,
  ): Promise<readonly Played[]> {
    const { scenario, restMsMax, keeps } = this.#options;
    const office = services.length === 0 ? undefined : newPostOffice(start, root);
    const answers = start.map(async ({ name, program: programName, args }, number): Promise<Played> => {
      const program = scenario.programs[programName];
      if (program === undefined) throw new Error(`The scenario ${scenario.name} has no program ${programName}.`);
      if (isCommand(program))
        throw cannotRunFree(scenario, `${name} is a command, and only programs over World run free`);
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
        ...(keeps === undefined ? {} : { keeps }),
        ...(office === undefined ? {} : { office }),
        ...(server === undefined ? {} : { server }),
      });
      if (answer.open > 0) process.kill();
      return { process: name, ...answer };
    });
    if (office !== undefined) {
      await Promise.allSettled(answers.filter((_, i) => !services.includes(start[i]?.name ?? '')));
      for (const service of services) tellEnd(office, service);
    }
    const played = await settled(answers);
    if (office !== undefined) rmSync(office.folder, { recursive: true, force: true });
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

/** Beside the files of the round. */
function newPostOffice(start: readonly StartProcess[], root: string): PostOffice {
  const office = { folder: `${root}.mail`, names: start.map(({ name }) => name) };
  makePostOffice(office);
  return office;
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
