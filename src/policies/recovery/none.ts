import type { Recovery } from './recovery.ts';

export const none: Recovery = {
  says: 'what is gone is gone, as reported',
  recoversMsMost: null,
  keepsAll: false,
  locked: (_use, _by, body) => body(),
  opening: () => false,
  mayCreate: () => true,
  opened: () => true,
  isAsLeft: () => true,
  bringForward: () => undefined,
  recording: () => ({ write: () => undefined, takeBack: () => undefined }),
  dueMs: () => Infinity,
  forget: () => undefined,
};
