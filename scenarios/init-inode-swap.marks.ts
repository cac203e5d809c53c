// The window of init-inode-swap, read off a history.
import type { HistoryMark } from '../harness/model/scenario.ts';

/** A person has replaced the file; whatever the gateways do about it, they live. */
export const replacedUnderGateways: HistoryMark = {
  name: 'replaced-under-gateways',
  says: 'the database file was replaced while gateways lived',
  count: ({ observations }) => observations.filter(({ kind }) => kind === 'replaced').length,
};
