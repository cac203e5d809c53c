import type { Schema } from './schema.ts';

export const once: Schema = { says: 'by its first connect, as reported', sentinel: undefined };
