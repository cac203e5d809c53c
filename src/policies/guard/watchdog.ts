import type { Guard } from './guard.ts';

export const watchdog: Guard = {
  says: 'a gateway exits when it is not its unit’s main process and another of its identity is',
  refusesWhenSupervised: false,
  adopts: 'no',
  watches: true,
};
