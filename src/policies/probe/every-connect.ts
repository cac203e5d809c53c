import type { Probe } from './probe.ts';

export const everyConnect: Probe = {
  says: 'every connect opens, reads and closes the file to check its header, as reported',
  readsHeader: true,
  readsAfterCommit: false,
  raw(_world, _file, read) {
    read();
    return true;
  },
};
