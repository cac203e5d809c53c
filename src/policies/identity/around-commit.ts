import type { Identity } from './identity.ts';

export const aroundCommit: Identity = {
  says: 'the same, and after BEGIN IMMEDIATE, before COMMIT, and before the COMMIT is acknowledged',
  looks: true,
  looksInside: true,
};
