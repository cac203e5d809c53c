import type { Guard } from './guard.ts';

export const none: Guard = {
  says: 'nothing, as reported',
  refusesWhenSupervised: false,
  adopts: 'no',
  watches: false,
};
