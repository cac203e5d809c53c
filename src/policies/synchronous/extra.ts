import type { Synchronous } from './synchronous.ts';

export const extra: Synchronous = {
  says: 'as full, and the folder is synced where a rollback journal has been deleted',
  level: 'EXTRA',
};
