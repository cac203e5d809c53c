// Between the loop and its chooser: what a chooser is shown of a lane, and what its choice asks of the gate. What stays out: the loop
// (run.ts), and who chooses what (choosers/).
import { opSet, roleSet, type Trap } from '../gate/protocol.ts';
import type { Ahead, Choice, StepKind } from './chooser.ts';
import type { RunState } from './run-state.ts';

/** The step before which a lane stands. */
export function aheadOf(state: RunState, name: string): Ahead {
  const lane = state.laneByName(name);
  if (lane === undefined) throw new Error(`A chooser asks for the next step of ${name}, which is no lane.`);
  return { record: lane.pending, file: lane.files[lane.pending.file] ?? '' };
}

/** Choosers name the same kinds over and over. */
const setsOf = new WeakMap<readonly StepKind[], Pick<Trap, 'ops' | 'roles'>>();

function setsOfKinds(kinds: readonly StepKind[]): Pick<Trap, 'ops' | 'roles'> {
  const known = setsOf.get(kinds);
  if (known !== undefined) return known;
  const sets = { ops: opSet(kinds.map((kind) => kind.op)), roles: roleSet(kinds.map((kind) => kind.role)) };
  setsOf.set(kinds, sets);
  return sets;
}

/** One trap, which any of the operations springs on any of the roles: a grant has room for few. */
export function trapsBefore(before: Choice['before']): readonly Trap[] {
  if (before === undefined || before.kinds.length === 0) return [];
  const { kinds, nth = 1, taking = false } = before;
  return [{ ...setsOfKinds(kinds), left: nth, taking }];
}
