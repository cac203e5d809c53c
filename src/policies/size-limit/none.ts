import type { SizeLimit } from './size-limit.ts';

export const none: SizeLimit = { says: 'it keeps its length, as reported', bytes: undefined };
