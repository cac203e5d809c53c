// gc: the cyclic collector of a lane's process runs in that lane, at the next step that its host sees. CPython keeps an unclosed
// connection that is part of a cycle until then, and closes it in whichever thread that is.
import type { FaultOf } from '../../model/fault.ts';
import { type FaultKind, victimLane } from './fault.ts';

export const gc = {
  kind: 'gc',
  says: "the cyclic collector of a lane's process runs in that lane: what nobody can reach any more is closed there",
  strike(spec, host) {
    const lane = victimLane(spec, host);
    if (lane !== undefined && !host.collect(lane)) host.note(`the process of ${lane} has no collector of its own`);
  },
} satisfies FaultKind<FaultOf<'gc'>>;
