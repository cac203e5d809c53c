// 2.2 and 2.3: a close of any descriptor of a file drops all locks that the process has on it.
import { process, section } from './section.ts';

const broken = ['integrity', 'acknowledged-commits', 'whole-transactions'];
const module = new URL('./cancelled-locks.program.ts', import.meta.url).href;
const programs = ['app', 'other', 'reader'] as const;
const ranges = { transactions: [2, 5] } as const;

function start(way: string, { transactions }: { readonly transactions: number }) {
  return [process('app', { way, transactions }), process('other', { transactions })];
}

export const cancelledLocks = section({
  section: '2.2',
  name: 'cancelled-locks',
  title: 'Posix advisory locks canceled by a separate thread doing close()',
  says: 'a process opens, reads and closes its database as a plain file, in the middle of a transaction beside another writer',
  ways: [
    { name: 'opened-and-closed', says: 'the file is read raw in the process that has it open', wrong: broken },
    { name: 'opened-by-a-thread', says: 'the file is read raw by another thread of that process', wrong: broken },
    { name: 'read-through-sqlite', says: 'the database is read by another connection of the same SQLite' },
    { name: 'read-by-another', says: 'the file is read raw in a process that has no connection to it' },
  ],
  module,
  programs,
  journal: () => 'delete',
  ranges,
  start,
});

export const twoLibraries = section({
  section: '2.3',
  name: 'two-libraries',
  title: 'Multiple copies of SQLite linked into the same application',
  says: 'a process has two copies of SQLite, and closes a connection of the one while the other is in a transaction',
  ways: [
    { name: 'two-libraries', says: 'the second connection is one of another copy of SQLite', wrong: broken },
    { name: 'one-library', says: 'both connections are of one copy of SQLite' },
  ],
  module,
  programs,
  journal: () => 'delete',
  ranges,
  start,
});
