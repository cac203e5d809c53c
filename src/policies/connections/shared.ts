import type { Connections } from './connections.ts';

export const shared: Connections = {
  says: 'one long-lived connection a process, which all its threads share (#31158)',
  keeps: true,
  ownLane: true,
  pins: false,
  reopensOn: () => false,
};
