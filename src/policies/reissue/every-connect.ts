import type { Reissue } from './reissue.ts';

export const everyConnect: Reissue = {
  says: 'the pragma is issued on every connect, whatever the mode is, as reported',
  mustSet: () => true,
};
