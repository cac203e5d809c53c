// What a scenario declares: an incident made runnable. Data and pure functions; the machine reads them, and nothing in
// harness/ knows a scenario by name. What stays out: the programs themselves (src/, scenarios/*.program.ts).
import type { z } from 'zod';
import type { Durability, ModelName } from './file-systems.ts';
import type { Fault } from './fault.ts';
import type { History } from './history.ts';
import type { Queries } from './queries.ts';
import type { Invariant } from './invariant.ts';
import type { Claim } from './claim.ts';
import type { Symptom } from './symptom.ts';
import type { Json } from './values.ts';
import type { ProgramRef, StartProcess } from './process.ts';
import type { Parameters, Plan } from './plan.ts';
import type { Operation } from './operations.ts';
import type { TraceStep } from './step.ts';

export interface Named {
  readonly name: string;
  readonly says: string;
}

/**
 * A candidate fix, as a scenario has it.
 *
 * @property sharesName other scenarios have one of this name, and it is the same choice, as far as it goes in each: they
 *   stand in one row of a comparison. Without it, one name with two meanings is an error
 * @property sameAs another of the scenario's strategies, of which this is a second name: a comparison of all has one row for both
 */
export interface ScenarioStrategy extends Named {
  readonly sharesName?: true;
  readonly sameAs?: string;
}

/** A moment that a scenario's runs can reach, read off the history. */
export interface HistoryMark extends Named {
  /** How often it was reached. */
  count(history: History): number;
}

/**
 * A moment that a scenario's runs can reach, seen in one step.
 *
 * @property at the operations at which it can be: no other step is put into words for it
 */
export interface StepMark extends Named {
  readonly at: readonly Operation[];
  reached(step: TraceStep): boolean;
}

/**
 * A moment that a scenario's runs can reach, seen in one step and what came before it.
 *
 * @property at the operations that it is told of
 */
export interface WatchedMark extends Named {
  readonly at: readonly Operation[];
  /** Begins one run. Result: told of each step at these operations, in order, it says whether the moment is reached at this one. */
  watch(): (step: TraceStep) => boolean;
}

export type ScenarioMark = HistoryMark | StepMark | WatchedMark;

/**
 * A part of what a scenario's runs do that a swarm may switch off (search/swarm.ts).
 *
 * @property without the workload without it; the same workload when it has none of it
 */
export interface Feature extends Named {
  without(workload: Json): Json;
}

/**
 * @property queries in place of the scenario's own, in PostgreSQL's dialect: of the same names, and with the same keys
 * @property window the mark that must be reached there, in place of the scenario's: what is a moment of SQLite's is none of a server's
 */
export interface ScenarioServer {
  /** Do its programs connect to it under this strategy? Each such run has a database of its own there. */
  needed(strategy: string): boolean;
  readonly window?: string;
  readonly queries: Queries;
}

/**
 * Who uses a database first when a power loss has left it.
 *
 * @property start processes, alone on the machine; what they do is the strategy's own recovery
 * @property horizonMs virtual ms within which they are done
 * @property invariants what is asked then in place of the acknowledged rows of the promise, of a history that has what was observed before
 *   the power went and since, and what is there at the end
 */
export interface FirstUse {
  readonly start: readonly StartProcess[];
  readonly horizonMs: number;
  readonly invariants: readonly Invariant[];
}

export interface Scenario extends Named {
  /** Scenarios that belong together: `--scenarios FAMILY` means all of them. Where nobody names them, they are not meant. */
  readonly family?: string;
  /** Where the incident was reported. */
  readonly source: string;
  /** It is about programs of somebody's own: a run in which none of them works on its database is an error of the scenario. */
  readonly own?: true;
  /** Engine of the report: the default. */
  readonly engine: string;
  /** The database, below the world's directory. */
  readonly database: string;
  /** The first is the default: the system as reported. */
  readonly strategies: readonly ScenarioStrategy[];
  readonly parameters: Parameters;
  readonly programs: { readonly [name: string]: ProgramRef };
  /** Program that makes the files a run begins with, alone, before the run; and what it is told. */
  setup(plan: Plan): StartProcess;
  /** Shape of `plan.workload`. */
  readonly workload: z.ZodType<Json>;
  /** Parameters for one run, from those that were asked for; by default the same. `random` is a stream of its own. */
  vary?(random: () => number, parameters: Parameters): Parameters;
  /** Beside the kinds of faults, which any run may do without. */
  readonly features?: readonly Feature[];
  /**
   * Any run may do without kinds of operations that `workload` tells apart, but for these: without them no run reaches the window. Each is a
   * property with its value, such as `act=restart` or `command.verb=init`; for a list of words the word.
   */
  readonly essential?: readonly string[];
  /**
   * How many operations a workload asks for: what shrinking counts, and takes away one by one. Default: the entries of all
   * lists in it.
   */
  operations?(workload: Json): number;
  /** A PostgreSQL server, where its programs connect to one under some strategies; by default there is none. */
  readonly server?: ScenarioServer;
  /** A workload for one run; `random` is uniform in [0, 1). */
  generate(random: () => number, parameters: Parameters, strategy: string): Json;
  /** Faults for one run; none by default. `random` is a stream of its own. */
  faults?(random: () => number, parameters: Parameters, strategy: string): readonly Fault[];
  start(plan: Plan): readonly StartProcess[];
  /**
   * What the machine starts by itself when its power has come back, and what goes on outside of it; by default what `start` gives. A
   * name that was in use before the power loss gets `.boot-2` (3 …) behind it.
   *
   * @param power when it is on again, virtual ms from the run's start, and which boot of the machine that is: 2 after the first loss
   */
  boot?(plan: Plan, power: { readonly nowMs: number; readonly boot: number }): readonly StartProcess[];
  /**
   * The power may go: in the middle of a part of the runs, and in recorded runs at each of their moments, on these file systems. By default
   * it does not.
   */
  readonly powerLoss?: readonly ModelName[];
  /** What is promised of acknowledged commits under a strategy when the power goes; by default that none is lost. */
  durability?(strategy: string): Durability;
  /**
   * Where a strategy promises to bring back what SQLite alone does not find (a journal of its own beside the file): of a recorded run whose
   * power goes each disk is judged by what its first use leaves, and what a bare opening finds is a figure. By default SQLite alone opens it.
   */
  firstUse?(plan: Plan): FirstUse | undefined;
  /**
   * Columns, each as `table.column`, of which the gate itself says what was committed: rows that a connection changed count as
   * acknowledged when its COMMIT has returned, without a word from the program (gate/gate-ledger.c says what does not hold). The table
   * is the name of a query whose first column is the key, as for programs that say so themselves; the column its INTEGER PRIMARY KEY or,
   * in programs that are commands, any that is a key and no BLOB.
   */
  readonly ledger?: readonly string[];
  /** Queries that the examiner runs at the end; see judge/invariants/acknowledged-commits.ts. */
  readonly queries: Queries;
  readonly invariants: readonly Invariant[];
  /** Marks of its own, beside the general ones. */
  readonly marks?: readonly ScenarioMark[];
  /** The mark that must be reached for a pass to mean anything: a general one or one of its own. */
  readonly window: string;
  readonly symptoms: readonly Symptom[];
  readonly claims: readonly Claim[];
}

/** The mark that a run under this strategy must reach for a pass to mean anything. */
export function windowOf({ window, server }: Pick<Scenario, 'window' | 'server'>, strategy: string): string {
  return server?.window !== undefined && server.needed(strategy) ? server.window : window;
}
