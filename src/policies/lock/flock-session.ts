import type { Lock } from './lock.ts';

export const flockSession: Lock = {
  says: 'an exclusive flock from before open() until after close()',
  waitsMsMost: 30_000,
  session: (file) => `${file}.session.lock`,
  transaction: () => undefined,
};
