import type { Recovery } from './recovery.ts';

export const none: Recovery = {
  says: 'what is gone is gone, as reported',
  recoversMsMost: null,
  keepsAll: false,
  locked: (_use, _by, body) => body(),
  opening: () => false,
  mayCreate: () => true,
  opened: () => true,
  begun: () => ({ recording: () => ({ write: () => undefined, takeBack: () => undefined }) }),
  bringForward: () => undefined,
  dueMs: () => Infinity,
  forget: () => undefined,
};
