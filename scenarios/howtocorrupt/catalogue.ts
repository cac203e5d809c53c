// The sections that can be acted out: one line each, in the order of the page.
import { brokenLocks } from './broken-locks.ts';
import { cancelledLocks, twoLibraries } from './cancelled-locks.ts';
import { forked } from './forked.ts';
import { hotJournal } from './hot-journal.ts';
import { links } from './links.ts';
import { liveCopy } from './live-copy.ts';
import { lockingProtocols } from './locking-protocols.ts';
import { mispaired } from './mispaired.ts';
import { movedAway } from './moved-away.ts';
import type { Section } from './section.ts';
import { staleDescriptor } from './stale-descriptor.ts';

export const sections: readonly Section[] = [
  staleDescriptor,
  liveCopy,
  hotJournal,
  mispaired,
  brokenLocks,
  cancelledLocks,
  twoLibraries,
  lockingProtocols,
  movedAway,
  links,
  forked,
];
