import type { Journal } from './journal.ts';

export const deleting: Journal = { says: 'a rollback journal, deleted at each commit', mode: 'DELETE' };
