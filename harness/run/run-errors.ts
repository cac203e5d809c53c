// Why a run has no outcome: the machine's fault, a program that does not come back, a process that nobody was to end, or
// the person at the keyboard. What stays out: errors that the machine gives to single system calls (host-errors.ts).
import { harnessError } from '../errors/errors.ts';
import { op, operations } from '../model/operations.ts';
import { recordFlag } from '../model/record.ts';
import { quoted, visible } from '../model/visible.ts';
import type { LaneEnd } from '../lane/end.ts';
import type { Ending } from '../model/process.ts';
import { listed, scenarioError } from '../errors/scenario-error.ts';
import type { LaneState } from './lanes.ts';
import type { RunOptions } from './run-options.ts';

/** @param who such as `gateway-1 starts worker-1 on it` */
export function noSuchProgram({ plan, programs }: Pick<RunOptions, 'plan' | 'programs'>, program: string, who: string) {
  return scenarioError(
    plan.scenario,
    `there is no program ${quoted(program)}, and ${who}. Its programs: ${listed(Object.keys(programs))}.`,
    'Correct the name, or add the program to `programs`.',
  );
}

/**
 * How a lane says that it has ended. A program that its process could not load says nothing about the simulated system.
 *
 * @throws an error of the scenario for such a program
 */
export function readEnd(
  text: string,
  { plan }: Pick<RunOptions, 'plan'>,
  lane: LaneState,
): Ending & { readonly open: number } {
  const said = JSON.parse(text) as LaneEnd;
  if (said.how !== 'unloadable') return said;
  throw scenarioError(
    plan.scenario,
    `the program of ${lane.name} does not load in a simulated process: ${visible(said.error)}.`,
    'Such a process has an environment of its own, and nothing but the program and its World.',
  );
}

/** A lane that did not come back; `steps` is the number of its step. */
export function lostLane(lane: LaneState, stuck: { readonly says: string }, steps: number): Error {
  const doing = operations[lane.pending.op] ?? 'unknown';
  const inside = insideSqlite(lane);
  const injected = (lane.pending.flags & recordFlag.injected) === 0 ? '' : ', injected';
  const meanwhile =
    inside === undefined
      ? ''
      : ` Meanwhile the lane ${inside.name} stands inside a call of SQLite (${operations[inside.pending.op]} of ` +
        `${inside.files[inside.pending.file]}): where both use one connection, one waits for the mutex that the other holds.`;
  const last = `It was last granted the step ${steps} (${doing}${injected}).`;
  return harnessError(
    'LANE_LOST',
    `The lane ${lane.name} did not come back: ${stuck.says}. ${last}${meanwhile}`,
    inside === undefined
      ? 'Its program loops without a step, or waits outside the World. Raise --limit if the machine is only slow.'
      : 'Have its host call lockstep_share_connections before the first connection, or give each thread a connection of its own.',
  );
}

/** Another lane of the same process that stands before a step on a connection's file: SQLite holds the connection's mutex then. */
function insideSqlite(lane: LaneState): LaneState | undefined {
  return lane.process.lanes.find(
    (other) => other !== lane && other.status !== 'ended' && other.pending.handle !== 0 && other.pending.op < op.step,
  );
}
