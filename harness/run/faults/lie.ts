// lie: the file system says that it has done what it has not: locks that are granted to everybody (howtocorrupt.html, section 2.1), writes
// that are lost (4.2, 6.3), syncs (3.1), files that are still there. What stays out: giving a lock back, which is done where one was had.
import type { FaultOf } from '../../model/fault.ts';
import { indexSlots, lockLevels } from '../../model/fault-words.ts';
import { op, role } from '../../model/operations.ts';
import { decode } from '../../model/record.ts';
import type { FaultKind, StepAhead } from './fault.ts';

const levels: { readonly [name: string]: number } = lockLevels;
const done = 0;

function isNamed(step: StepAhead, locks: readonly string[] | undefined): boolean {
  if (step.op === op.lock) return locks?.some((name) => levels[name] === decode.lock(step).level) ?? true;
  if (step.op !== op.shmLock) return true;
  const { slot, count, action } = decode.shmLock(step);
  if (action === 'unlock') return false;
  return locks === undefined || indexSlots.slice(slot, slot + count).some((name) => locks.includes(name));
}

export const lie = {
  kind: 'lie',
  says: 'the file system says that it has locked, written, truncated, synced or deleted, and has not',
  strike({ ops, process, role: about, locks, until }, host) {
    host.fail({
      codeOf: (step) => (isNamed(step, locks) ? done : undefined),
      ops: ops.map((name) => op[name]),
      roles: about === undefined ? undefined : [role[about]],
      process,
      once: false,
      until,
    });
  },
} satisfies FaultKind<FaultOf<'lie'>>;
