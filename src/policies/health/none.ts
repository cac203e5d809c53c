import type { Health } from './health.ts';

export const none: Health = { says: 'nobody checks, as reported', everyMs: undefined };
