import type { Store } from './store.ts';

export const sqlite: Store = {
  says: 'in a file of SQLite’s, which every process opens itself, as reported',
  onServer: false,
  dialect: (sql) => sql,
};
