// Broken ways to do what upstream has shipped since the reports.
import { none as noGeneration } from '../../policies/generation/none.ts';
import { none as noInitLock } from '../../policies/init-lock/none.ts';
import { wal } from '../../policies/journal/wal.ts';
import { byDescriptor } from '../../policies/modes/by-descriptor.ts';
import { armed } from '../../policies/ofd-guard/armed.ts';
import type { Mutant } from './mutant.test-support.ts';

export const upstreamMutants: readonly Mutant[] = [
  {
    fix: 'ofd-guard',
    name: 'first-only',
    says: 'the guard as first shipped: a connection that is opened later is not guarded',
    broken: { ofdGuard: armed },
  },
  {
    fix: 'generation-guard',
    name: 'looks-away',
    says: 'nobody compares the generations',
    broken: { generation: noGeneration },
  },
  {
    fix: 'chmod-by-path',
    name: 'by-descriptor',
    says: 'one of the old places is still there',
    broken: { modes: byDescriptor },
  },
  {
    fix: 'version-gate',
    name: 'stays-wal',
    says: 'the version is not asked for',
    broken: { journal: wal },
  },
  {
    fix: 'bounded-init',
    name: 'not-taken',
    says: 'nobody takes the lock',
    broken: { initLock: noInitLock },
  },
];
