import type { Guard } from './guard.ts';

export const adoptKill: Guard = {
  says: 'a starting gateway kills processes of its own identity outside its unit',
  refusesWhenSupervised: false,
  adopts: 'kill',
  watches: false,
};
