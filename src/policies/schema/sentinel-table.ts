import type { Schema } from './schema.ts';

export const sentinelTable: Schema = {
  says: 'by its first connect, and by each that finds the table tasks gone (#83445)',
  sentinel: 'tasks',
};
