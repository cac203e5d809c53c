import type { LeaderScope } from './leader-scope.ts';

export const root: LeaderScope = {
  says: 'of all boards below the shared root: `.dispatcher.lock` (#49068)',
  lockFile: () => '.dispatcher.lock',
};
