import type { InitLock } from './init-lock.ts';

export const blocking: InitLock = {
  says: 'every connect waits for it without limit (90b6b3d18)',
  takes: true,
  everyConnect: true,
  waitsMsMost: null,
};
