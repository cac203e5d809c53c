import { walReset } from '../wal-reset.ts';
import type { ScenarioBug } from './bug.ts';

export const bug: ScenarioBug = {
  name: 'wal-reset-3.50.4',
  about: 'a checkpoint takes the WAL for an older one that has been reset meanwhile',
  kind: 'engine',
  depth: 3,
  engine: '3.50.4',
  signature: { invariants: ['acknowledged-commits', 'integrity', 'whole-transactions'], says: /./ },
  scenario: walReset,
  strategy: 'wal',
  sound: { strategy: 'wal', engine: '3.54.1' },
};
