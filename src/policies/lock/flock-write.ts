import type { Lock } from './lock.ts';

export const flockWrite: Lock = {
  says: 'an exclusive flock round each write transaction (#31965, #32424)',
  waitsMsMost: 30_000,
  session: () => undefined,
  transaction: (file) => `${file}.write.lock`,
};
