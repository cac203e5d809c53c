import type { Synchronous } from './synchronous.ts';

export const off: Synchronous = { says: 'SQLite never waits for the disk', level: 'OFF' };
