import type { Generation } from './generation.ts';

export const sticky: Generation = {
  says: 'a connection whose -wal or -shm was deleted or replaced is halted for good, and closed at shutdown (#105670)',
  looks: true,
  reopens: false,
  closesHalted: true,
};
