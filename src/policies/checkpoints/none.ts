import type { Checkpoints } from './checkpoints.ts';

export const none: Checkpoints = { says: 'none, as reported', mode: undefined, everyMs: 0 };
