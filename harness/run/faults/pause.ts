// pause: a lane stands still for a virtual time, with all its locks.
import type { FaultOf } from '../../model/fault.ts';
import { type FaultKind, victimLane } from './fault.ts';

export const pause = {
  kind: 'pause',
  says: 'a lane stands still for a virtual time, with all its locks',
  strike(spec, host) {
    const lane = victimLane(spec, host);
    if (lane !== undefined) host.pause(lane, spec.ms);
  },
} satisfies FaultKind<FaultOf<'pause'>>;
