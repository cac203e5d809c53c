// The sections that can be acted out: one line each, in the order of the page.
import { brokenLocks } from './broken-locks.ts';
import { cancelledLocks, twoLibraries } from './cancelled-locks.ts';
import { configuration } from './configuration.ts';
import { forked } from './forked.ts';
import { hotJournal } from './hot-journal.ts';
import { links } from './links.ts';
import { liveCopy } from './live-copy.ts';
import { lockingProtocols } from './locking-protocols.ts';
import { fakeCapacity, lostWrite } from './lost-writes.ts';
import { mispaired } from './mispaired.ts';
import { movedAway } from './moved-away.ts';
import { lockErrors, modeSwitches, nestedJournals, resetBug, shrinkage } from './old-bugs.ts';
import { ofdLocks } from './ofd-locks.ts';
import { flash, lyingSync, syncOff } from './power.ts';
import { schemaVersion } from './schema-version.ts';
import type { Section } from './section.ts';
import { staleDescriptor } from './stale-descriptor.ts';
import { strayPointer } from './stray-pointer.ts';

export const sections: readonly Section[] = [
  staleDescriptor,
  liveCopy,
  hotJournal,
  mispaired,
  brokenLocks,
  cancelledLocks,
  ofdLocks,
  twoLibraries,
  lockingProtocols,
  movedAway,
  links,
  forked,
  lyingSync,
  syncOff,
  flash,
  fakeCapacity,
  strayPointer,
  lostWrite,
  configuration,
  schemaVersion,
  resetBug,
  shrinkage,
  modeSwitches,
  lockErrors,
  nestedJournals,
];
