// The value `blocking` of the axis `initLock`.
import type { InitLock } from './init-lock.ts';

export const blocking: InitLock = {
  says: 'the first connect of a process waits for it without limit (90b6b3d18)',
  takes: true,
  timeoutMs: undefined,
};
