// The value `none` of the axis `lock`.
import type { Lock } from './lock.ts';

export const none: Lock = {
  says: 'SQLite’s own locks only, as reported',
  session: () => undefined,
  transaction: () => undefined,
};
