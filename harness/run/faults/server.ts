// server-kill, server-checkpoint, connection-cut: what happens to a PostgreSQL server and to the way there. What stays out: the server (harness/postgres).
import type { FaultOf } from '../../model/fault.ts';
import { type FaultKind, victimLane } from './fault.ts';

const noStatement = 'the lane stands before no statement for a server';
const noServer = 'this run has no PostgreSQL server, or it is off';

export const serverKill = {
  kind: 'server-kill',
  says: 'SIGKILL to the PostgreSQL server; it is started again, and recovers what its WAL has',
  strike({ at, inside, offMs }, host) {
    if (inside !== undefined) {
      const lane = victimLane({ at }, host);
      if (lane === undefined || !host.killServerInside(lane, inside)) host.note(noStatement);
      return;
    }
    if (!host.killServer(offMs ?? 0)) host.note(noServer);
  },
} satisfies FaultKind<FaultOf<'server-kill'>>;

export const serverCheckpoint = {
  kind: 'server-checkpoint',
  says: 'the PostgreSQL server makes a checkpoint: changed pages are written, and recovery begins there',
  strike(_spec, host) {
    if (!host.checkpointServer()) host.note(noServer);
  },
} satisfies FaultKind<FaultOf<'server-checkpoint'>>;

export const connectionCut = {
  kind: 'connection-cut',
  says: 'the connection of a lane to the PostgreSQL server is gone, before the server has its statement or after it has done it',
  strike({ when, ...spec }, host) {
    const lane = victimLane(spec, host);
    if (lane === undefined || !host.cutConnection(lane, when)) host.note(noStatement);
  },
} satisfies FaultKind<FaultOf<'connection-cut'>>;
