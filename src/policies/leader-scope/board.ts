import type { LeaderScope } from './leader-scope.ts';

export const board: LeaderScope = {
  says: 'of one board: `kanban.db.dispatch.lock` beside it (#50331)',
  lockFile: (file) => `${file}.dispatch.lock`,
};
