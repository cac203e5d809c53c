// io-error: a step fails with a SQLite code instead of happening, once or until the fault is lifted.
import type { FaultOf } from '../../model/fault.ts';
import { op, role } from '../../model/operations.ts';
import { type FaultKind, victimLane } from './fault.ts';
import { resultCodes } from '../../model/result-codes.ts';

export const ioError = {
  kind: 'io-error',
  says: 'a step fails with any SQLite code, once or until lifted',
  strike(spec, host) {
    const byOperation = 'op' in spec.at ? spec.at : undefined;
    const narrowed = spec.lane !== undefined || spec.op !== undefined || spec.role !== undefined;
    const operation = spec.op ?? byOperation?.op;
    const fileRole = spec.role ?? byOperation?.role;
    const code = resultCodes[spec.code];
    host.fail({
      codeOf: () => code,
      lane: narrowed && byOperation === undefined ? spec.lane : victimLane(spec, host),
      ops: operation === undefined ? undefined : [op[operation]],
      roles: fileRole === undefined ? undefined : [role[fileRole]],
      once: spec.until === undefined,
      until: spec.until,
    });
  },
} satisfies FaultKind<FaultOf<'io-error'>>;
