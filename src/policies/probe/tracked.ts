import { whileNoneOpen } from '../../board-file/open-count.ts';
import type { Probe } from './probe.ts';

export const tracked: Probe = {
  says: 'none while this process has a connection open (#71724)',
  readsHeader: true,
  readsAfterCommit: false,
  raw: whileNoneOpen,
};
