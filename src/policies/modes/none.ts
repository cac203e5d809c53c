import type { Modes } from './modes.ts';

export const none: Modes = {
  says: 'they are left as they are, as reported',
  creating: () => undefined,
  opened: () => undefined,
};
