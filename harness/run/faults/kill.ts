// kill: SIGKILL of a parked process at an exact step; with `bytes`, in the middle of a write.
import type { FaultOf } from '../../model/fault.ts';
import { type FaultKind, victimLane, victimProcess } from './fault.ts';

export const kill = {
  kind: 'kill',
  says: 'SIGKILL at a step; with bytes, in the middle of a write',
  strike(spec, host) {
    const lane = victimLane({ at: spec.at }, host);
    if (spec.bytes !== undefined && lane !== undefined) {
      host.tearAndDie(lane, spec.bytes);
      return;
    }
    const process = victimProcess(spec, host);
    if (process !== undefined) host.kill(process);
  },
} satisfies FaultKind<FaultOf<'kill'>>;
