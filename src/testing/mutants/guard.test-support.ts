// Broken ways to keep a second gateway from running beside the unit’s own.
import { adoptRefuse } from '../../policies/guard/adopt-refuse.ts';
import { none } from '../../policies/guard/none.ts';
import type { Mutant } from './mutant.test-support.ts';

export const guardMutants: readonly Mutant[] = [
  { fix: 'guard', name: 'lets-in', says: 'a start from a shell is let in all the same', broken: { guard: none } },
  { fix: 'adopt', name: 'spares', says: 'a starting gateway kills nobody', broken: { guard: none } },
  {
    fix: 'adopt',
    name: 'gives-way',
    says: 'the one that starts gives way to the orphan instead of killing it',
    broken: { guard: adoptRefuse },
  },
  { fix: 'adopt-refuse', name: 'lets-in', says: 'a starting gateway asks for nobody', broken: { guard: none } },
  { fix: 'watchdog', name: 'asleep', says: 'nobody starts the watchdog', broken: { guard: none } },
];
