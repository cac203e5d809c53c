import type { Guard } from './guard.ts';

export const refuse: Guard = {
  says: 'a start from a shell is refused while a unit supervises the profile (#46120)',
  refusesWhenSupervised: true,
  adopts: 'no',
  watches: false,
};
