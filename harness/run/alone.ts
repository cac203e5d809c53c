// How far a lane may run that is alone. What stays out: whether it is (choosers/).
import { anyRole, opSet, type Trap, unlimited } from '../gate/protocol.ts';
import { op } from '../model/operations.ts';
import type { LaneState } from './lanes.ts';

const tellTraps: readonly Trap[] = [{ ops: opSet([op.tell]), roles: anyRole, left: 1 }];

/**
 * A lane that is alone lets others run by what it asks, and it parks there, or by giving back a mutex of its process, which
 * the gate does without asking: where somebody waits for one it parks before it, and at the first switch point after it.
 *
 * @param someoneWaits for a mutex of its process
 */
export function boundsAlone(
  { process, pending }: LaneState,
  someoneWaits: boolean,
): { readonly points: number; readonly traps: readonly Trap[] } {
  const tells = pending.op === op.tell;
  // What a program of its own asks wakes or makes others, most of the time.
  const stops = (pending.op === op.ask && process.pooled.own) || (tells && someoneWaits);
  return { points: stops ? 1 : unlimited, traps: !tells && someoneWaits ? tellTraps : [] };
}
