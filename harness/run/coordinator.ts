// The coordinator of one engine: its workplace, its pool of processes, its examiner; turns a plan and a chooser into a
// history. What stays out: which plans to run (search/) and what a history means (judge/).
import { atExit } from '../host/at-exit.ts';
import { holdSignals } from '../host/signals.ts';
import { closeSync, mkdirSync, openSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import { harnessError } from '../errors/errors.ts';
import { asHostError } from '../errors/host-errors.ts';
import { Examiner } from '../observe/autopsy.ts';
import { DiskRecorder } from '../observe/disk-recorder.ts';
import type { ExamineRequest } from '../observe/examiner.ts';
import { type Autopsy, type History, historyFormat, type Look } from '../model/history.ts';
import type { StepSink } from '../model/step.ts';
import { RunFacts } from '../observe/run-facts.ts';
import { Tables } from '../observe/tables.ts';
import { keepTo } from '../host/native.ts';
import type { Chooser } from './chooser.ts';
import { replayChooser } from './choosers/replay.ts';
import type { LaneBinaries } from './pool.ts';
import { Pools } from './pools.ts';
import { isNeedOfNode } from './process-errors.ts';
import { Run } from './run.ts';
import { programRef } from './run-state.ts';
import type { CopyDisk, RunOptions, RunOutcome } from './run-options.ts';
import type { StartProcess } from '../model/process.ts';
import { allProcessors, giveProcessor, takeProcessor } from '../host/processors.ts';
import { makeWorkplace } from './workplace.ts';
import { diskCopier, withAutopsies } from './disk-copies.ts';
import { copyWorld } from './copy-world.ts';
import type { Written } from '../postgres/crash-point.ts';
import { needsServer, ServerStore } from './server-store.ts';
import { losesPower } from './world-power.ts';
import { withMarks } from '../observe/scenario-marks.ts';
import { commandsOf, lookAt, losePowerOf, programsOf } from './around-run.ts';
import { bootedBy, processesOf, type ScenarioProcesses } from './check-processes.ts';
import { checkCame, missingIn } from './check-queries.ts';
import { checkScenario } from './check-scenario.ts';
import type { Plan } from '../model/plan.ts';
import type { Scenario } from '../model/scenario.ts';

export interface CoordinatorOptions {
  readonly machine: LaneBinaries;
  /** Milliseconds of its own time (host/own-time.ts) after which a lane that has not come back is a harness error. */
  readonly limitMs?: number;
  /** Warm processes beyond those that a run needs. Default 1. */
  readonly spares?: number;
  /** Take fresh processes, and make the files that it begins with anew, for every run (to compare with reused ones). */
  readonly fresh?: boolean;
  /** Asked several times a second, in every wait too; true ends the run with RunInterrupted. */
  readonly stop?: () => boolean;
}

/**
 * What is asked of one run beside its plan.
 *
 * @property disk keeps what the run does to its disk: lanes wait after each step until it has looked. The run is the same
 * @property fill puts the files that the run begins with into an empty folder, in place of what setup has made
 */
export interface SpecialRun {
  readonly disk?: DiskRecorder;
  readonly fill?: (folder: string) => void;
}

/** Kept for the removal of what was made, which needs some for each level of folders, where there is none left. */
const spareDescriptors = 5;

/** Coordinators that are open: closed when this process exits, however it does. */
const open = new Set<Coordinator>();
atExit(() => {
  for (const coordinator of open) coordinator.close();
});

export class Coordinator {
  readonly #folder: string;
  readonly #worlds: string;
  readonly #pools: Pools;
  readonly #examiner: Examiner;
  /** Closes what was made, the last first. */
  readonly #made: (() => void)[] = [];
  readonly #limitMs: number;
  readonly #fresh: boolean;
  readonly #stop: () => boolean;
  /** Folders that hold the files runs begin with, by what makes them. */
  readonly #templates = new Map<string, string>();
  /** Databases on a PostgreSQL server, for scenarios that need one. */
  readonly #stores: ServerStore;
  /** Scenarios whose database and queries have been checked, by what is checked. */
  readonly #checked = new Set<string>();
  /** Removes what a run left that was begun and whose history nobody has taken yet. */
  readonly #begun = new Set<() => void>();
  #runs = 0;
  /** So often programs have left the native host. */
  #left = 0;

  constructor({ machine, limitMs = 20_000, spares = 1, fresh = false, stop = () => false }: CoordinatorOptions) {
    this.#limitMs = limitMs;
    this.#fresh = fresh;
    this.#stop = stop;
    this.#stores = new ServerStore({ limitMs, stop });
    this.#made.push(() => this.#stores.close());
    open.add(this);
    try {
      const spare: number[] = [];
      let remove = (): void => {};
      this.#made.push(() => {
        for (const fd of spare) closeSync(fd);
        remove();
      });
      while (spare.length < spareDescriptors) spare.push(openSync('/dev/null', 'r'));
      const workplace = makeWorkplace();
      remove = () => workplace.remove();
      this.#folder = realpathSync(workplace.folder);
      this.#worlds = join(this.#folder, 'worlds');
      const examiner = new Examiner(this.#folder, stop);
      this.#made.push(() => examiner.close());
      this.#examiner = examiner;
      const processors = takeProcessor();
      keepTo(0, processors);
      const folders = { folder: join(this.#folder, 'pool'), worlds: this.#worlds };
      for (const folder of Object.values(folders)) mkdirSync(folder);
      const pools = new Pools({ machine, ...folders, spares, processors, zygotes: !fresh, stop });
      this.#made.push(() => pools.close());
      this.#pools = pools;
    } catch (error) {
      this.close();
      throw asHostError(error);
    }
  }

  /**
   * Runs a plan.
   *
   * @param chooser default: the plan's own preemptions
   * @param sinks see every step, in order
   * @param stop asked in the middle of the run, as the coordinator's own is
   */
  async run(
    scenario: Scenario,
    plan: Plan,
    chooser?: Chooser,
    sinks: readonly StepSink[] = [],
    stop: () => boolean = () => false,
    special: SpecialRun = {},
  ): Promise<History> {
    return (await this.begin(scenario, plan, chooser, sinks, stop, special))();
  }

  /**
   * Runs a plan, and leaves the autopsy to go on beside the next run. A run whose program does what only Node does comes to
   * nothing, and from the next on they are in Node; that next one is made here, where nobody has seen the first, else by
   * {@link orInNode}.
   *
   * @returns waits for the autopsy and gives the history
   */
  async begin(
    scenario: Scenario,
    plan: Plan,
    chooser?: Chooser,
    sinks: readonly StepSink[] = [],
    stop: () => boolean = () => false,
    special: SpecialRun = {},
  ): Promise<() => History> {
    checkScenario(scenario);
    const begin = () => this.#begin(scenario, plan, chooser ?? replayChooser(plan.preemptions), sinks, stop, special);
    try {
      return await begin().catch(async (error: unknown) => {
        const left = isNeedOfNode(error) && this.#leaveNative(scenario, plan);
        if (left) this.#left++;
        if (left && chooser === undefined && sinks.length === 0 && special.disk === undefined) return begin();
        throw error;
      });
    } catch (error) {
      throw asHostError(error);
    }
  }

  /**
   * What `body` makes; all of it once more where a run in it came to nothing since its program does what only Node does, and the
   * next is in Node. Choosers and sinks of its runs are made in it, so that none has seen the first.
   */
  async orInNode<T>(body: () => Promise<T>): Promise<T> {
    const left = this.#left;
    try {
      return await body();
    } catch (error) {
      if (isNeedOfNode(error) && this.#left > left) return body();
      throw error;
    }
  }

  #leaveNative(scenario: Scenario, plan: Plan): boolean {
    const { setup, start } = processesOf(scenario, plan);
    return this.#pools.leaveNative(programsOf(scenario, [setup, ...start]));
  }

  async #begin(
    scenario: Scenario,
    plan: Plan,
    chooser: Chooser,
    sinks: readonly StepSink[],
    stop: () => boolean,
    { disk: recorder, fill }: SpecialRun,
  ): Promise<() => History> {
    const disk = recorder ?? (losesPower(plan) ? new DiskRecorder() : undefined);
    const processes = processesOf(scenario, plan);
    if (this.#fresh) this.renew();
    await this.#stores.begin(scenario, plan);
    const root = fill === undefined ? await this.#makeWorld(scenario, plan, processes.setup) : this.#filled(fill);
    const shared = `${root}.shared`; // lane/python/lockstep_host/shared.py
    const folders = [root, shared];
    const store = this.#stores.forRun(scenario, plan, this.#templateKey(scenario, plan, processes.setup));
    const tickets: number[] = [];
    const asked = (request: ExamineRequest): number => {
      const ticket = this.#examiner.ask(request);
      tickets.push(ticket);
      return ticket;
    };
    const clear = () => {
      this.#begun.delete(clear);
      this.#examiner.forget(tickets);
      store?.remove();
      for (const folder of folders) rmSync(folder, { recursive: true, force: true });
    };
    this.#begun.add(clear);
    try {
      const tables = new Tables();
      const facts = new RunFacts(scenario, tables);
      const looks: Look[] = [];
      disk?.begin(root);
      const { booted, ...outcome } = await this.#go(
        scenario,
        plan,
        root,
        processes,
        chooser,
        [facts, ...(disk === undefined ? [] : [disk]), ...sinks],
        tables,
        stop,
        (label, step, all) => looks.push(lookAt(label, step, all, { root, tables })),
        diskCopier({ folder: this.#folder, folders, root, scenario, locks: tables.locks, ask: asked }),
        {
          stepwise: disk !== undefined,
          boot: (power) => bootedBy(scenario, plan, power),
          store: store?.database,
          ...(disk !== undefined && losesPower(plan) && losePowerOf(scenario, plan, disk, root, shared)),
        },
      );
      disk?.end();
      const seen = store?.examine() ?? asked({ root, database: scenario.database, queries: scenario.queries });
      const started = [...processes.start, ...booted];
      const rest = {
        format: historyFormat,
        plan,
        ...outcome,
        deaths: outcome.deaths.map((death) => ({ ...death, ...tables.endOf(death.process) })),
        ...facts.list(started),
        commands: commandsOf(scenario, started),
        looks,
      } as const;
      return () => {
        try {
          const strikes = rest.strikes.map((strike) => withAutopsies(strike, (one) => this.#examiner.answer(one)));
          const history = { ...rest, strikes, autopsy: typeof seen === 'number' ? this.#examiner.answer(seen) : seen };
          return withMarks(scenario, history);
        } finally {
          clear();
        }
      };
    } catch (error) {
      clear();
      throw error;
    } finally {
      if (recorder === undefined) disk?.close();
    }
  }

  /** Histories of runs that were begun will not be taken any more: their files go. For whoever ends in the middle. */
  forgetBegun(): void {
    for (const clear of this.#begun) clear();
  }

  /** From now on all is made anew: processes, and the files that runs begin with. */
  renew(): void {
    this.#pools.renew();
    for (const folder of this.#templates.values()) rmSync(folder, { recursive: true, force: true });
    this.#templates.clear();
    this.#stores.forgetTemplates();
  }

  /** What the PostgreSQL server of its runs has written and synced so far; undefined where there is none. */
  serverWritten(): Written | undefined {
    return this.#stores.written();
  }

  /** Kills every process and removes every file. */
  close(): void {
    if (open.delete(this)) holdSignals(() => this.#close());
  }

  #close(): void {
    const failed: unknown[] = [];
    for (const undo of this.#made.toReversed()) {
      try {
        undo();
      } catch (error) {
        failed.push(error);
      }
    }
    if (open.size === 0) {
      giveProcessor();
      keepTo(0, allProcessors);
    }
    if (failed.length > 0) throw failed[0];
  }

  async #go(
    scenario: Scenario,
    plan: Plan,
    root: string,
    { setup, start }: ScenarioProcesses,
    chooser: Chooser,
    sinks: readonly StepSink[],
    tables: Tables,
    stop: () => boolean,
    takeLook?: RunOptions['takeLook'],
    copyDisk?: CopyDisk,
    power: Pick<RunOptions, 'stepwise' | 'losePower' | 'boot' | 'store'> = {},
  ): Promise<RunOutcome> {
    if (this.#fresh) this.#pools.renew();
    const pool = await this.#pools.of(programsOf(scenario, [setup, ...start]));
    pool.warm(
      start.flatMap((process) => {
        const ref = programRef(scenario.programs, process.program);
        return ref === undefined ? [] : [{ ...process, ref }];
      }),
    );
    const run = new Run({
      plan,
      pool,
      root,
      programs: scenario.programs,
      start,
      setup,
      database: scenario.database,
      ledger: scenario.ledger,
      chooser,
      reuse: !this.#fresh,
      sinks,
      tables,
      limitMs: this.#limitMs,
      stop: () => this.#stop() || stop(),
      ...(takeLook === undefined ? {} : { takeLook }),
      ...(copyDisk === undefined ? {} : { copyDisk }),
      ...power,
    });
    const outcome = await run.go();
    await breathe(); // lets a Ctrl-C in, and Node collect the dead
    return outcome;
  }

  /** A directory with the files that the scenario's runs begin with. */
  async #makeWorld(scenario: Scenario, plan: Plan, setup: StartProcess): Promise<string> {
    const template = await this.#template(scenario, plan, setup);
    if (!needsServer(scenario, plan)) await this.#checkQueries(scenario, plan, template);
    return this.#copyOf(await this.#template(scenario, plan, setup)); // a run of the check may have made it anew
  }

  #copyOf(template: string): string {
    return this.#filled((root) => copyWorld(template, root));
  }

  #filled(fill: (folder: string) => void): string {
    const root = this.#makeFolder();
    try {
      fill(root);
    } catch (error) {
      rmSync(root, { recursive: true, force: true });
      throw error;
    }
    return root;
  }

  /** What setup has not made is looked for once more, in a run as harmless as can be. */
  async #checkQueries(scenario: Scenario, plan: Plan, template: string): Promise<void> {
    const { name, database, queries } = scenario;
    const key = JSON.stringify([name, database, queries]);
    if (this.#checked.has(key)) return;
    const root = this.#copyOf(template); // opening a database may change its files
    let made: Autopsy;
    try {
      made = this.#examiner.answer(this.#examiner.ask({ root, database, queries }));
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
    const missing = missingIn(scenario, made);
    this.#checked.add(key);
    if (missing.length === 0) return;
    try {
      const history = await this.run(scenario, { ...plan, faults: [], preemptions: [] });
      checkCame(scenario, missing, made, history);
    } catch (error) {
      this.#checked.delete(key);
      throw error;
    }
  }

  async #template(scenario: Scenario, plan: Plan, setup: StartProcess): Promise<string> {
    const key = this.#templateKey(scenario, plan, setup);
    const known = this.#templates.get(key);
    if (known !== undefined) return known;
    const folder = this.#makeFolder();
    try {
      await this.#setUp(scenario, plan, setup, folder, key);
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
    this.#templates.set(key, folder);
    return folder;
  }

  #templateKey(scenario: Scenario, plan: Plan, setup: StartProcess): string {
    const pageBytes = plan.parameters.sqlite?.pageBytes; // the only setting that a file keeps
    return JSON.stringify([scenario.name, setup, pageBytes ?? null]);
  }

  /** Makes in a folder the files that runs begin with. */
  async #setUp(scenario: Scenario, plan: Plan, setup: StartProcess, folder: string, key: string): Promise<void> {
    const store = this.#stores.forSetup(scenario, plan, key);
    const pageBytes = plan.parameters.sqlite?.pageBytes;
    const { ioCost: _, ...timeless } = plan.parameters;
    // The same files for every seed: what is random in them is not what runs are about.
    const outcome = await this.#go(
      scenario,
      { ...plan, parameters: { ...timeless, sqlite: { pageBytes } }, faults: [], preemptions: [], seed: 0 },
      folder,
      { setup, start: [setup] },
      replayChooser([]),
      [],
      new Tables(),
      () => false,
      undefined,
      undefined,
      { store },
    );
    store?.closeAll();
    const failed = outcome.endings.find(({ ending }) => ending.how !== 'returned');
    if (failed !== undefined) {
      throw harnessError(
        'SETUP_FAILED',
        `The setup program of ${scenario.name} did not return: ${JSON.stringify(failed.ending)}.`,
        'This is a defect of the scenario, or of this machine: run `npx lockstep doctor`.',
      );
    }
  }

  #makeFolder(): string {
    const folder = join(this.#worlds, String(this.#runs++));
    mkdirSync(folder);
    return folder;
  }
}
