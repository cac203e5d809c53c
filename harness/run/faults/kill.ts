// kill: SIGKILL of a parked process at an exact step; with `bytes`, in the middle of a write.
import { z } from 'zod';
import { addressSchema, type FaultKind, nameSchema, namesItsVictim, victimLane, victimProcess } from './fault.ts';

const schema = z
  .strictObject({
    kind: z.literal('kill'),
    at: addressSchema,
    /** Default: the process of the lane in the address, else of the lane about to run. */
    process: nameSchema.optional(),
    /** The pending write stores this many bytes first; needs an address by operation `write`. */
    bytes: z.int().min(0).max(1e9).optional(),
  })
  .refine((spec) => !('timeMs' in spec.at) || spec.process !== undefined, { error: namesItsVictim })
  .refine((spec) => spec.bytes === undefined || ('op' in spec.at && spec.at.op === 'write'), {
    error: '`bytes` needs an address with op "write": {"lane": …, "op": "write", "nth": …}',
  });

export const kill = {
  kind: 'kill',
  says: 'SIGKILL at a step; with bytes, in the middle of a write',
  schema,
  strike(spec, host) {
    const lane = victimLane({ at: spec.at }, host);
    if (spec.bytes !== undefined && lane !== undefined) {
      host.tearAndDie(lane, spec.bytes);
      return;
    }
    const process = victimProcess(spec, host);
    if (process !== undefined) host.kill(process);
  },
} satisfies FaultKind<z.infer<typeof schema>>;
