import type { LeaderFailure } from './leader-failure.ts';

export const closed: LeaderFailure = { says: 'it does not dispatch', onUnopenable: 'skip' };
