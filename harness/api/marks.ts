// Makers of marks: named moments that runs may reach, read off what lanes observe or off steps. A pass counts the runs that reached the
// scenario's window, which is one of them.
import type { Json } from '../model/values.ts';
import type { Operation, Role } from '../model/operations.ts';
import type { HistoryMark, StepMark } from '../model/scenario.ts';
import type { TraceStep } from '../model/step.ts';

/**
 * A moment that a lane observes.
 *
 * @param kind of the observation
 * @param isOne whether one with this `data` is the moment meant; default: all are
 */
export function observed(
  name: string,
  says: string,
  kind: string,
  isOne: (data: Json, lane: string) => boolean = () => true,
): HistoryMark {
  return {
    name,
    says,
    count: ({ observations }) => observations.filter((one) => one.kind === kind && isOne(one.data, one.lane)).length,
  };
}

/**
 * Which steps are meant: those with all that is given.
 *
 * @property op the operation, as in a trace (`replay --trace`)
 * @property role of the file
 * @property rc what came of it, such as `SQLITE_BUSY`
 * @property where whether a step is meant that has all that
 */
export interface StepsMeant {
  readonly op: Operation;
  readonly role?: Role;
  readonly rc?: string;
  readonly where?: (step: TraceStep) => boolean;
}

/** A moment that a step is. */
export function stepped(name: string, says: string, { op, role, rc, where = () => true }: StepsMeant): StepMark {
  return {
    name,
    says,
    at: [op],
    reached: (step) =>
      (role === undefined || step.role === role) && (rc === undefined || step.rc === rc) && where(step),
  };
}
