// 2.2, what helps against it: locks of open file descriptions beside SQLite's own, which no close of another descriptor drops.
import { process, section } from './section.ts';

const engines = ['3.50.4', '3.54.1'] as const;

export const ofdLocks = section({
  section: '2.2',
  name: 'ofd-locks',
  title: 'Posix advisory locks canceled by a separate thread doing close()',
  says: 'a process that has read its own database raw meets the last close of another, with a lock beside SQLite’s own or without',
  ways: [
    {
      name: 'posix-alone',
      says: 'database and -shm are read raw, and another that takes itself for the last takes the -wal away',
      wrong: ['acknowledged-commits'],
      engines,
    },
    {
      name: 'ofd-beside',
      says: 'before that, the process takes a lock of the open file description on SQLite’s descriptors of both',
      engines,
      measured: true,
    },
    {
      name: 'ofd-kept-in-a-commit',
      says: 'with a rollback journal the lock is kept through a commit, and keeps out SQLite of the same process too',
      wrong: ['lanes-end'],
      measured: true,
    },
    {
      name: 'ofd-lifted-for-a-commit',
      says: 'with a rollback journal the lock is lifted before each commit',
      measured: true,
    },
  ],
  module: new URL('./ofd-locks.program.ts', import.meta.url).href,
  programs: ['app', 'other'],
  journal: (way) => (way.endsWith('commit') ? 'delete' : 'wal'),
  ranges: { transactions: [2, 5] },
  start: (way, { transactions }) => [process('app', { way, transactions })],
});
