import type { Connections } from './connections.ts';

export const sentinel: Connections = {
  says: 'each use opens its own beside one that the gateway pins for its lifetime (#31158)',
  keeps: false,
  ownLane: false,
  pins: true,
  reopensOn: () => false,
};
