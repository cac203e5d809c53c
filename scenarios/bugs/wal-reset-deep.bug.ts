import { walReset } from '../wal-reset.ts';
import type { ScenarioBug } from './bug.ts';

export const bug: ScenarioBug = {
  name: 'wal-reset-deep',
  about:
    'a checkpoint takes the WAL for an older one that has been reset meanwhile, where accesses to the wal-index are switch points',
  kind: 'engine',
  depth: 3,
  engine: '3.51.2+shm',
  signature: { invariants: ['acknowledged-commits', 'integrity', 'whole-transactions'], says: /./ },
  scenario: walReset,
  strategy: 'wal',
  sound: { strategy: 'wal', engine: '3.54.1+shm' },
};
