// 5: memory that stands for a file is written to by whoever errs.
import { process, section } from './section.ts';

const broken = ['integrity', 'acknowledged-commits', 'whole-transactions'];

export const strayPointer = section({
  section: '5',
  name: 'stray-pointer',
  title: 'Memory corruption',
  says: 'a wild pointer of a program stores a few bytes in memory',
  ways: [
    {
      name: 'map-of-the-index',
      says: 'the bytes hit the wal-index, which SQLite has in memory to write',
      wrong: broken,
    },
    { name: 'map-of-the-database', says: 'the bytes would hit the database, which SQLite has in memory to read only' },
    {
      name: 'no-map',
      says: 'with a rollback journal and without mmap nothing of the database is in memory that others have',
    },
  ],
  module: new URL('./stray-pointer.program.ts', import.meta.url).href,
  programs: ['app', 'other'],
  journal: (way) => (way === 'map-of-the-index' ? 'wal' : 'delete'),
  ranges: { transactions: [3, 6], place: [0, 20], value: [2, 60] },
  start: (way, numbers) => [
    process('app', { way, ...numbers }),
    process('other', { transactions: numbers.transactions }),
  ],
});
