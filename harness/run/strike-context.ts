// One strike of a fault, and what the runner keeps for it (fault-runner.ts). What stays out: what faults may do with it (fault-host.ts).
import type { FailureRule } from './faults/fault.ts';
import type { LaneState, ProcessState } from './lanes.ts';
import type { RunControl, RunState } from './run-state.ts';
import type { OpenStrike } from './strikes.ts';

/**
 * @property about the lane about to run
 * @property later something to do after so many virtual ms, while no lane is about to run
 * @property write a step of the trace that tells of it
 */
export interface StrikeContext {
  readonly state: RunState;
  readonly control: RunControl;
  readonly about: LaneState | undefined;
  readonly strike: OpenStrike;
  readonly tear: (lane: LaneState, bytes: number) => void;
  readonly fail: (rule: FailureRule) => void;
  readonly lastsUntilEnd: (process: ProcessState) => void;
  readonly later: (ms: number, due: () => void) => void;
  readonly note: (sentence: string) => void;
  readonly write: (text: object) => void;
}
