import type { Probe } from './probe.ts';

export const postCommit: Probe = {
  says: 'every commit is followed by a raw read of the page count, to compare with the file’s length (99c19eb2f)',
  readsHeader: false,
  readsAfterCommit: true,
  raw(_world, _file, read) {
    read();
    return true;
  },
};
