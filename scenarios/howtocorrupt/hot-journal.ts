// 1.3: a journal without which a transaction is half done.
import { between, process, section } from './section.ts';

const broken = ['integrity', 'acknowledged-commits', 'whole-transactions'];

export const hotJournal = section({
  section: '1.3',
  name: 'hot-journal',
  title: 'Deleting a hot journal',
  says: 'a writer dies, and somebody tidies up what it has left beside the database',
  ways: [
    { name: 'journal-deleted', says: 'the -journal of a dead writer is deleted', wrong: broken },
    { name: 'journal-renamed', says: 'the -journal of a dead writer is renamed', wrong: broken },
    { name: 'wal-deleted', says: 'the -wal of a dead writer is deleted', wrong: broken },
    { name: 'journal-kept', says: 'the -journal of a dead writer is left for SQLite' },
    { name: 'wal-kept', says: 'the -wal of a dead writer is left for SQLite' },
  ],
  module: new URL('./hot-journal.program.ts', import.meta.url).href,
  programs: ['writer', 'janitor'],
  journal: (way) => (way.startsWith('wal-') ? 'wal' : 'delete'),
  ranges: { transactions: [2, 4] },
  faults: (random, way) => [
    way.startsWith('wal-')
      ? { kind: 'kill', at: { lane: 'writer', op: 'sleep', nth: between(random, 1, 6) } }
      : { kind: 'kill', at: { lane: 'writer', op: 'write', role: 'db', nth: between(random, 2, 16) } },
  ],
  start: (way, { transactions }) => [process('writer', { transactions }), process('janitor', { way })],
});
