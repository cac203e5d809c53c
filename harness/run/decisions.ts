// Between the loop and its chooser: what a chooser is shown of a lane, and what its choice asks of the gate. What stays out: the loop
// (run.ts), and who chooses what (choosers/).
import { opSet, roleSet, type Trap } from '../gate/protocol.ts';
import type { Ahead, Choice } from './chooser.ts';
import type { RunState } from './run-state.ts';

/** The step before which a lane stands. */
export function aheadOf(state: RunState, name: string): Ahead {
  const lane = state.laneByName(name);
  if (lane === undefined) throw new Error(`A chooser asks for the next step of ${name}, which is no lane.`);
  return { record: lane.pending, file: lane.files[lane.pending.file] ?? '' };
}

/** One trap, which any of the operations springs on any of the roles: a grant has room for few. */
export function trapsBefore(before: Choice['before']): readonly Trap[] {
  if (before === undefined || before.kinds.length === 0) return [];
  const { kinds, nth = 1, taking = false } = before;
  const [ops, roles] = [opSet(kinds.map((kind) => kind.op)), roleSet(kinds.map((kind) => kind.role))];
  return [{ ops, roles, left: nth, taking }];
}
