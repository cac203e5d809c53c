// pause: a lane stands still for a virtual time, with all its locks.
import { z } from 'zod';
import { addressSchema, type FaultKind, nameSchema, namesItsVictim, victimLane } from './fault.ts';

const schema = z
  .strictObject({
    kind: z.literal('pause'),
    at: addressSchema,
    /** Default: the lane in the address, else the lane about to run. */
    lane: nameSchema.optional(),
    ms: z.int().min(1),
  })
  .refine((spec) => !('timeMs' in spec.at) || spec.lane !== undefined, { error: namesItsVictim });

export const pause: FaultKind<z.infer<typeof schema>> = {
  kind: 'pause',
  says: 'a lane stands still for a virtual time, with all its locks',
  schema,
  strike(spec, host) {
    const lane = victimLane(spec, host);
    if (lane !== undefined) host.pause(lane, spec.ms);
  },
};
