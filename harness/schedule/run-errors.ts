// Why a run has no outcome: the machine's fault, a program that does not come back, or the person at the keyboard.
import { harnessError } from '../errors.ts';
import { operations, recordFlag } from '../gate/protocol.ts';
import type { LaneState } from './lanes.ts';

/** The run was stopped by the person at the keyboard: it has no outcome. */
export class RunInterrupted extends Error {}

/** A SIGKILL that no plan sent. */
export function killedFromOutside(process: string): Error {
  return harnessError(
    'KILLED_FROM_OUTSIDE',
    `The simulated process ${process} was killed by a SIGKILL that no plan sent, so this run says nothing.`,
    'Most likely the machine is out of memory: run fewer jobs, or give it more.',
  );
}

/** A disk that is full for real is the machine's fault, not the simulated system's. */
export function runsFolderFull(cause?: unknown): Error {
  return harnessError(
    'RUNS_FOLDER_FULL',
    'The folder of the runs is full, so this run says nothing.',
    'Free some space there (see `npx lockstep doctor`), or set LOCKSTEP_RUNS to another directory.',
    cause,
  );
}

/** A lane that did not come back in time; `steps` is the number of its step. */
export function lostLane(lane: LaneState, limitMs: number, steps: number): Error {
  const doing = operations[lane.pending.op] ?? 'unknown';
  return harnessError(
    'LANE_LOST',
    `The lane ${lane.name} did not come back within ${limitMs / 1000} s; it was last granted the step ` +
      `${steps} (${doing}${(lane.pending.flags & recordFlag.injected) === 0 ? '' : ', injected'}).`,
    'Its program loops without a step, or waits outside the World. Raise --limit if the machine is only slow.',
  );
}
