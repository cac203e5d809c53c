// leaked-connection: a lane's next close of a connection does not happen, and the program does not know: the connection
// stays open for the life of its process (hermes-agent #28285: Python's `with` that does not close).
import { z } from 'zod';
import { op } from '../../gate/protocol.ts';
import { addressSchema, type FaultKind, nameSchema, namesItsVictim, victimLane } from './fault.ts';
import { resultCodes } from '../../model/result-codes.ts';

const schema = z
  .strictObject({
    kind: z.literal('leaked-connection'),
    at: addressSchema,
    /** Default: the lane in the address, else the lane about to run. */
    lane: nameSchema.optional(),
  })
  .refine((spec) => !('timeMs' in spec.at) || spec.lane !== undefined, { error: namesItsVictim });

export const leakedConnection = {
  kind: 'leaked-connection',
  says: "a lane's next close of a connection does not happen: it stays open for the life of the process",
  schema,
  strike(spec, host) {
    const lane = victimLane(spec, host);
    if (lane === undefined) return;
    host.fail({ codeOf: () => resultCodes['SQLITE_IOERR_CLOSE'], lane, ops: [op.disconnect], once: true });
  },
} satisfies FaultKind<z.infer<typeof schema>>;
