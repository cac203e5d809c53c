import type { Checkpoints } from './checkpoints.ts';

export const passive: Checkpoints = {
  says: 'PASSIVE, at most every 300 s, from the tick (#80255, #84881)',
  mode: 'PASSIVE',
  everyMs: 300_000,
};
