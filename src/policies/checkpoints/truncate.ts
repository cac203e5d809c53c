import type { Checkpoints } from './checkpoints.ts';

export const truncate: Checkpoints = {
  says: 'TRUNCATE, at most every 300 s, from the tick, as before #80255',
  mode: 'TRUNCATE',
  everyMs: 300_000,
};
