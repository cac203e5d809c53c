import type { Guard } from './guard.ts';

export const adoptRefuse: Guard = {
  says: 'a starting gateway refuses to run beside a process of its own identity',
  refusesWhenSupervised: false,
  adopts: 'refuse',
  watches: false,
};
