// Broken ways to read a board’s file only while this process has no connection to it.
import { whileNoneOpen } from '../../board-file/open-count.ts';
import { everyConnect } from '../../policies/probe/every-connect.ts';
import { tracked } from '../../policies/probe/tracked.ts';
import type { Mutant } from './mutant.test-support.ts';

export const probeMutants: readonly Mutant[] = [
  {
    fix: 'safe-read',
    name: 'probe-back',
    says: 'the registry is kept and not asked: every connect reads',
    broken: { probe: everyConnect },
  },
  {
    fix: 'safe-read',
    name: 'asks-first',
    says: 'the registry is asked, and its mutex given back before the read: another thread may connect between the two',
    broken: {
      probe: {
        ...tracked,
        raw(world, file, read) {
          const noneWasOpen = whileNoneOpen(world, file, () => undefined);
          if (noneWasOpen) read();
          return noneWasOpen;
        },
      },
    },
  },
];
