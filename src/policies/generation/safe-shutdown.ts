import type { Generation } from './generation.ts';

export const safeShutdown: Generation = {
  says: 'such a connection is halted for good and never closed: it checkpoints nothing, and is dropped with its process',
  looks: true,
  reopens: false,
  closesHalted: false,
};
