import type { InitLock } from './init-lock.ts';

export const none: InitLock = {
  says: 'no lock between processes, as reported',
  takes: false,
  everyConnect: false,
  waitsMsMost: 0,
};
