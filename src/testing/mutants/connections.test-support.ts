// Broken ways to keep connections, and to keep gateways from connecting.
import { perCall } from '../../policies/connections/per-call.ts';
import { reopen } from '../../policies/connections/reopen.ts';
import { sentinel } from '../../policies/connections/sentinel.ts';
import { shared } from '../../policies/connections/shared.ts';
import { all } from '../../policies/participation/all.ts';
import type { Mutant } from './mutant.test-support.ts';

export const connectionMutants: readonly Mutant[] = [
  {
    fix: 'shared',
    name: 'closes',
    says: 'each use still opens a connection of its own and closes it',
    broken: { connections: perCall },
  },
  {
    fix: 'shared',
    name: 'one-a-thread',
    says: 'each thread keeps a connection of its own',
    broken: { connections: { ...shared, ownLane: false } },
  },
  {
    fix: 'sentinel',
    name: 'not-pinned',
    says: 'the pinned connection is closed at once, like any other',
    broken: { connections: { ...sentinel, pins: false } },
  },
  {
    fix: 'reopen',
    name: 'primary-code',
    says: 'the error is compared with the primary code, and SQLite gives extended ones',
    broken: { connections: { ...reopen, reopensOn: (code) => code === 'SQLITE_IOERR' } },
  },
  {
    fix: 'participants',
    name: 'all-connect',
    says: 'gateways that do not dispatch are still let in',
    broken: { participation: all },
  },
];
