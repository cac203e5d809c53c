import type { Participation } from './participation.ts';

export const dispatchers: Participation = {
  says: 'only those that dispatch: the others have kanban.enabled false and skip init (#30445)',
  opens: (dispatches) => dispatches,
};
