import type { OfdGuard } from './ofd-guard.ts';

export const none: OfdGuard = {
  says: 'SQLite’s own locks only, as reported',
  opened: () => undefined,
  checkpointed: () => undefined,
  closing: () => undefined,
};
