// What goes into a run and what comes out of it. What stays out: the run (run.ts).
import type { Plan, Preemption } from '../explore/plan.ts';
import type { Observation } from '../history/history.ts';
import type { StepSink } from '../history/step.ts';
import type { Ending, Json, ProgramRef } from '../lane/world.ts';
import type { Chooser } from './chooser.ts';
import type { ProcessState } from './lanes.ts';
import type { Pool } from './pool.ts';

/** A process to start with, in order. */
export interface StartProcess {
  readonly name: string;
  readonly program: string;
  readonly args: Json;
}

/** Looks at processes and disk from outside, while every lane stands still. */
export type TakeLook = (label: string, step: number, processes: readonly ProcessState[]) => void;

export interface RunOptions {
  readonly plan: Plan;
  readonly pool: Pool;
  /** The world's directory; exists and holds the files the run begins with. */
  readonly root: string;
  readonly programs: { readonly [name: string]: ProgramRef };
  readonly start: readonly StartProcess[];
  /** The database that faults mean when they name none. */
  readonly database: string;
  readonly chooser: Chooser;
  readonly sinks: readonly StepSink[];
  readonly takeLook?: TakeLook;
  /** Real milliseconds after which a lane that has not come back is a harness error. */
  readonly limitMs: number;
  /** Asked about ten times a second; true ends the run with {@link RunInterrupted}. */
  readonly stop?: () => boolean;
}

/** How a run ended: all lanes done by themselves, stopped at the plan's end, or cut off by a bound. */
export type RunEnd = 'done' | 'stopped' | 'cut off';

export interface RunOutcome {
  readonly end: RunEnd;
  readonly steps: number;
  readonly points: number;
  readonly hash: string;
  readonly virtualMs: number;
  readonly observations: readonly Observation[];
  readonly endings: readonly { readonly lane: string; readonly ending: Ending }[];
  readonly deaths: readonly { readonly process: string; readonly ending: Ending }[];
  /** Where the schedule left the default: with these, the replay chooser gives the same run. */
  readonly preemptions: readonly Preemption[];
}
