import type { LeaderFailure } from './leader-failure.ts';

export const open: LeaderFailure = { says: 'it dispatches without the lock (#87609)', onUnopenable: 'proceed' };
