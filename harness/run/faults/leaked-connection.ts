// leaked-connection: a lane's next close of a connection does not happen, and the program does not know: the connection
// stays open for the life of its process (hermes-agent #28285: Python's `with` that does not close).
import type { FaultOf } from '../../model/fault.ts';
import { op } from '../../model/operations.ts';
import { type FaultKind, victimLane } from './fault.ts';
import { resultCodes } from '../../model/result-codes.ts';

export const leakedConnection = {
  kind: 'leaked-connection',
  says: "a lane's next close of a connection does not happen: it stays open for the life of the process",
  strike(spec, host) {
    const lane = victimLane(spec, host);
    if (lane === undefined) return;
    host.fail({ codeOf: () => resultCodes['SQLITE_IOERR_CLOSE'], lane, ops: [op.disconnect], once: true });
  },
} satisfies FaultKind<FaultOf<'leaked-connection'>>;
