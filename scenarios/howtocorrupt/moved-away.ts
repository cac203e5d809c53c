// 2.5: a name that means another file than the one that is open.
import { process, section } from './section.ts';

const broken = ['no-stray-writes', 'integrity', 'acknowledged-commits', 'whole-transactions'];

function journalOf(way: string): 'wal' | 'delete' {
  return way.startsWith('wal-') ? 'wal' : 'delete';
}

export const movedAway = section({
  section: '2.5',
  name: 'moved-away',
  title: 'Unlinking or renaming a database file while in use',
  says: 'somebody wants an empty database, and puts the old one away',
  ways: [
    { name: 'renamed', says: 'the database is renamed while somebody has it open', wrong: broken },
    { name: 'unlinked', says: 'the database is unlinked while somebody has it open', wrong: broken },
    {
      name: 'wal-renamed',
      says: 'the database is renamed while somebody has it open in WAL mode, with what is beside it',
      wrong: broken,
    },
    {
      name: 'wal-unlinked',
      says: 'the database is unlinked while somebody has it open in WAL mode, and its -wal stays',
      wrong: broken,
    },
    { name: 'closed-first', says: 'the database is renamed when nobody has it open any more' },
  ],
  module: new URL('./moved-away.program.ts', import.meta.url).href,
  programs: ['writer', 'operator'],
  journal: journalOf,
  ranges: { transactions: [3, 6], afterMs: [1, 12] },
  start: (way, { transactions, afterMs }) => [
    process('writer', { transactions }),
    process('operator', { way, afterMs, journal: journalOf(way) }),
  ],
});
