import type { Reissue } from './reissue.ts';

export const whenDifferent: Reissue = {
  says: 'the mode is asked for first, and set only when it is another one (dc98314fb)',
  mustSet: (connection, mode) => connection.get('PRAGMA journal_mode')?.['journal_mode'] !== mode.toLowerCase(),
};
