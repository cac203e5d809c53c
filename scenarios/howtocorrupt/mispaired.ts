// 1.4: a database beside the journal of another one, which an older state of itself is.
import { between, process, section } from './section.ts';

const broken = ['integrity', 'acknowledged-commits', 'whole-transactions'];

export const mispaired = section({
  section: '1.4',
  name: 'mispaired',
  title: 'Mispairing database files and hot journals',
  says: 'a writer dies, and an older copy of the database is put in its place',
  ways: [
    {
      name: 'journal-restored-beside',
      says: 'an older database is put beside the -journal of a dead writer',
      wrong: broken,
    },
    { name: 'wal-restored-beside', says: 'an older database is put beside the -wal of a dead writer', wrong: broken },
    { name: 'journal-restored-alone', says: 'an older database is put in place when the -journal is gone' },
    { name: 'wal-restored-alone', says: 'an older database is put in place when -wal and -shm are gone' },
  ],
  module: new URL('./mispaired.program.ts', import.meta.url).href,
  programs: ['writer', 'operator'],
  journal: (way) => (way.startsWith('wal-') ? 'wal' : 'delete'),
  ranges: { transactions: [4, 9] },
  faults: (random, way) => [
    way.startsWith('wal-')
      ? { kind: 'kill', at: { lane: 'writer', op: 'sleep', nth: between(random, 4, 18) } }
      : { kind: 'kill', at: { lane: 'writer', op: 'write', role: 'db', nth: between(random, 8, 40) } },
  ],
  start: (way, { transactions }) => [process('operator', { way, transactions })],
});
