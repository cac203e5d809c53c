import type { Journal } from './journal.ts';

export const truncate: Journal = { says: 'a rollback journal, cut to nothing at each commit', mode: 'TRUNCATE' };
