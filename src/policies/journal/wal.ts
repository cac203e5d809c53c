import type { Journal } from './journal.ts';

export const wal: Journal = { says: 'a write-ahead log, as reported', mode: 'WAL' };
