import type { Synchronous } from './synchronous.ts';

export const normal: Synchronous = { says: 'a WAL is synced at checkpoints only, as reported', level: 'NORMAL' };
