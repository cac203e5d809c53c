import type { Connections } from './connections.ts';

export const reopen: Connections = {
  says: 'a long-lived connection a thread, closed and opened anew upon an I/O error (#31158)',
  keeps: true,
  ownLane: false,
  pins: false,
  reopensOn: (code) => code.startsWith('SQLITE_IOERR'),
};
