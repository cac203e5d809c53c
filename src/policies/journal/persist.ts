import type { Journal } from './journal.ts';

export const persist: Journal = { says: 'a rollback journal, its header zeroed at each commit', mode: 'PERSIST' };
