// 2.7: two processes that share what only one may have.
import { process, section } from './section.ts';

const broken = ['integrity', 'acknowledged-commits', 'whole-transactions'];

export const forked = section({
  section: '2.7',
  name: 'forked',
  title: 'Carrying an open database connection across a fork()',
  says: 'a process forks in the middle of a transaction, beside another writer',
  ways: [
    { name: 'child-closes', says: 'the child closes the connection that it has inherited', wrong: ['no-stray-writes'] },
    { name: 'child-goes-on', says: 'the child goes on with the connection that it has inherited', wrong: broken },
    { name: 'child-only-ends', says: 'the child ends without touching the connection' },
    {
      name: 'child-opens-another',
      says: 'the child opens a connection of its own, and SQLite’s memory of its parent’s locks keeps it out',
      wrong: ['lanes-end'],
      measured: true,
    },
    {
      name: 'forked-before',
      says: 'the process forks before it opens the database, and each opens a connection of its own',
    },
  ],
  module: new URL('./forked.program.ts', import.meta.url).href,
  programs: ['app', 'other'],
  journal: (way) => (way === 'child-goes-on' ? 'wal' : 'delete'),
  ranges: { transactions: [2, 4] },
  start: (way, { transactions }) => [process('app', { way, transactions }), process('other', { transactions })],
});
