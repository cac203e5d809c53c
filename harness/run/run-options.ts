// What goes into a run and what comes out of it. What stays out: the run (run.ts).
import type { Plan } from '../model/plan.ts';
import type { Loss } from '../model/crash.ts';
import type { Damage, Death, History, PowerLoss, Strike } from '../model/history.ts';
import type { StepSink } from '../model/step.ts';
import type { RunDatabase } from '../postgres/run-database.ts';
import type { Tables } from '../observe/tables.ts';
import type { ProgramRef } from '../model/process.ts';
import type { StartProcess } from '../model/process.ts';
import type { Chooser } from './chooser.ts';
import type { ProcessState } from './lanes.ts';
import type { RunPool } from './pools.ts';

/** Looks at processes and disk from outside, while every lane stands still. */
export type TakeLook = (label: string, step: number, processes: readonly ProcessState[]) => void;

/** Copies the database as it lies, and asks for an autopsy of the copy: a ticket of the examiner's, and {@link Damage} `settled`. */
export type CopyDisk = () => { readonly ticket: number; readonly settled: boolean };

/**
 * What a power loss has done to the world's files: they are now what is left.
 *
 * @property says in sentences
 * @property digest of what is left
 * @property names of all files that are left
 * @property links names of one file, by that which comes first
 */
export interface LostPower extends Pick<PowerLoss, 'model' | 'promise' | 'underWay' | 'lost'> {
  readonly says: readonly string[];
  readonly digest: string;
  readonly names: readonly string[];
  readonly links: readonly (readonly [string, string])[];
}

/** Nobody lives any more: the world's files become what a power loss leaves of them. */
export type LosePower = (loss: Loss) => LostPower;

/** A power loss whose autopsy is still to come. */
export type AskedPowerLoss = Omit<PowerLoss, 'after'> & { readonly after: number };

/** Damage whose autopsies are still to come. */
export type AskedDamage = Omit<Damage, 'before' | 'after'> & { readonly before: number; readonly after: number };

/** A strike whose autopsies are still to come. */
export type RunStrike = Omit<Strike, 'damage' | 'powerLoss'> & {
  readonly damage?: AskedDamage;
  readonly powerLoss?: AskedPowerLoss;
};

export interface RunOptions {
  readonly plan: Plan;
  readonly pool: RunPool;
  /** The world's directory; exists and holds the files the run begins with. */
  readonly root: string;
  readonly programs: { readonly [name: string]: ProgramRef };
  readonly start: readonly StartProcess[];
  /** The scenario's program that makes the database: what faults start after they have removed it. */
  readonly setup: StartProcess;
  /** The database that faults mean when they name none. */
  readonly database: string;
  /** Columns whose rows are followed from their commits on (model/scenario.ts). */
  readonly ledger?: readonly string[] | undefined;
  readonly chooser: Chooser;
  /** A process that has ended serves for the next one of the same run. */
  readonly reuse: boolean;
  /** See every step, in order, before the tables do. */
  readonly sinks: readonly StepSink[];
  /** Of this run alone. */
  readonly tables: Tables;
  /** Its database on the coordinator's PostgreSQL server, where the scenario needs one. */
  readonly store?: RunDatabase | undefined;
  readonly takeLook?: TakeLook;
  readonly copyDisk?: CopyDisk;
  /** Where the plan has a power loss. */
  readonly losePower?: LosePower;
  /** What the machine starts when its power has come back (model/scenario.ts). */
  readonly boot?: (power: { readonly nowMs: number; readonly boot: number }) => readonly StartProcess[];
  /** Lanes wait after each step until the sinks have seen it: the disk is then as that step has left it. The run is the same. */
  readonly stepwise?: boolean;
  /** Real milliseconds after which a lane that has not come back is a harness error. */
  readonly limitMs: number;
  /** Asked about ten times a second; true ends the run with {@link RunInterrupted}. */
  readonly stop?: () => boolean;
}

/** How a run ended: all lanes done by themselves, stopped at the plan's end, or cut off by a bound. */
export type RunEnd = History['end'];

/** What a run leaves, before anybody has looked at the disk. `preemptions` with the replay chooser give the same run. */
export type RunOutcome = Pick<
  History,
  | 'end'
  | 'words'
  | 'steps'
  | 'switchPoints'
  | 'hash'
  | 'virtualMs'
  | 'observations'
  | 'endings'
  | 'refusals'
  | 'preemptions'
> & {
  readonly strikes: readonly RunStrike[];
  /** What the machine started when its power had come back. */
  readonly booted: readonly StartProcess[];
  /** When each came is in the trace (observe/tables.ts). */
  readonly deaths: readonly Pick<Death, 'process' | 'ending'>[];
};
