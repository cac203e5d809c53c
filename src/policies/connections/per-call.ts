import type { Connections } from './connections.ts';

export const perCall: Connections = {
  says: 'each use opens one and closes it, as reported',
  keeps: false,
  ownLane: false,
  pins: false,
  reopensOn: () => false,
};
