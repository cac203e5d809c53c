import type { InitLock } from './init-lock.ts';

export const bounded: InitLock = {
  says: 'the first connect of a process waits 10 s, then goes on without it (#50353)',
  takes: true,
  everyConnect: false,
  waitsMsMost: 10_000,
};
