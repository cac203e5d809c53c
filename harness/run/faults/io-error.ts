// io-error: a step fails with a SQLite code instead of happening, once or until the fault is lifted.
import { z } from 'zod';
import { op, operations, role, roles } from '../../gate/protocol.ts';
import { addressSchema, type FaultKind, nameSchema, victimLane } from './fault.ts';
import { resultCodes } from '../../model/result-codes.ts';

const schema = z.strictObject({
  kind: z.literal('io-error'),
  at: addressSchema,
  code: z.enum(Object.keys(resultCodes) as [string, ...string[]]),
  /** Narrows what fails from the address on; an address by operation narrows to that operation by itself. */
  lane: nameSchema.optional(),
  op: z.enum(operations).optional(),
  role: z.enum(roles).optional(),
  /** Fails every match until then; without it, the first match only. */
  until: addressSchema.optional(),
});

export const ioError = {
  kind: 'io-error',
  says: 'a step fails with any SQLite code, once or until lifted',
  schema,
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
      role: fileRole === undefined ? undefined : role[fileRole],
      once: spec.until === undefined,
      until: spec.until,
    });
  },
} satisfies FaultKind<z.infer<typeof schema>>;
