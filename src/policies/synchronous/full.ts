import type { Synchronous } from './synchronous.ts';

export const full: Synchronous = { says: 'a WAL is synced at each commit (6416dd518)', level: 'FULL' };
