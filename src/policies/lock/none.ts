import type { Lock } from './lock.ts';

export const none: Lock = {
  says: 'SQLite’s own locks only, as reported',
  waitsMsMost: 0,
  session: () => undefined,
  transaction: () => undefined,
};
