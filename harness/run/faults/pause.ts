// pause: a lane stands still for a virtual time, with all its locks.
import { z } from 'zod';
import { addressSchema, type FaultKind, msSchema, nameSchema, namesItsVictim, victimLane } from './fault.ts';

const schema = z
  .strictObject({
    kind: z.literal('pause'),
    at: addressSchema,
    /** Default: the lane in the address, else the lane about to run. */
    lane: nameSchema.optional(),
    /** How long, virtual. */
    ms: msSchema,
  })
  .refine((spec) => !('timeMs' in spec.at) || spec.lane !== undefined, { error: namesItsVictim });

export const pause = {
  kind: 'pause',
  says: 'a lane stands still for a virtual time, with all its locks',
  schema,
  strike(spec, host) {
    const lane = victimLane(spec, host);
    if (lane !== undefined) host.pause(lane, spec.ms);
  },
} satisfies FaultKind<z.infer<typeof schema>>;
