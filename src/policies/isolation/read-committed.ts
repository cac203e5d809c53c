import type { Isolation } from './isolation.ts';

export const readCommitted: Isolation = {
  says: 'READ COMMITTED, PostgreSQL’s default: each statement sees what was committed before it',
  begin: 'BEGIN',
  tries: 1,
};
