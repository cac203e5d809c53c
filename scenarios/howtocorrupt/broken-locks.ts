// 2.1: a file system whose locks hold nobody up.
import { process, section } from './section.ts';

const broken = ['integrity', 'acknowledged-commits', 'whole-transactions'];

export const brokenLocks = section({
  section: '2.1',
  name: 'broken-locks',
  title: 'Filesystems with broken or missing lock implementations',
  says: 'two writers on a file system that grants a lock to both, as some network file systems do',
  ways: [
    { name: 'locks-lie', says: 'file locks are granted to everybody', wrong: broken },
    { name: 'index-locks-lie', says: 'locks of the wal-index are granted to everybody', wrong: broken },
    { name: 'wal-index-apart', says: 'each machine has a wal-index of its own', wrong: broken },
    { name: 'locks-hold', says: 'two writers on a file system whose locks hold' },
    { name: 'taking-turns', says: 'locks lie, and only one process at a time has the database open' },
  ],
  module: new URL('./broken-locks.program.ts', import.meta.url).href,
  programs: ['writer'],
  journal: (way) => (way.includes('index') ? 'wal' : 'delete'),
  ranges: { transactions: [2, 5] },
  faults: (_random, way) => {
    if (way === 'locks-lie' || way === 'taking-turns') return [{ kind: 'lie', at: { step: 0 }, ops: ['lock'] }];
    return way === 'index-locks-lie' ? [{ kind: 'lie', at: { step: 0 }, ops: ['shmLock'] }] : [];
  },
  start: (way, { transactions }) => [1, 2].map((n) => process(`writer-${n}`, { way, transactions }, 'writer')),
});
