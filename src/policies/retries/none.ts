import type { Retries } from './retries.ts';

export const none: Retries = { says: 'it fails, as reported', times: 0, fromMs: 0, toMs: 0 };
