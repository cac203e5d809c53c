import { onPostgres } from './dialect.ts';
import type { Store } from './store.ts';

export const postgres: Store = {
  says: 'in a database of a PostgreSQL server, to which every process connects (the backend that #32424 asks for)',
  onServer: true,
  dialect: onPostgres,
};
