import type { Isolation } from './isolation.ts';

export const serializableRetry: Isolation = {
  says: 'SERIALIZABLE, and a transaction that is refused for what another did is done again, ten times at most',
  begin: 'BEGIN ISOLATION LEVEL SERIALIZABLE',
  tries: 10,
};
