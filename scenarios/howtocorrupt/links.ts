// 2.6: two names of a database, and a journal that has one of them.
import { between, process, section } from './section.ts';

/** Half a transaction is met: what is left is made good by whoever opens it by the first name. */
const broken = ['integrity', 'acknowledged-commits', 'whole-transactions', 'lanes-end'];

export const links = section({
  section: '2.6',
  name: 'links',
  title: 'Multiple links to the same file',
  says: 'a writer dies, and the next one opens the database by another name',
  ways: [
    {
      name: 'hard-link',
      says: 'the database is opened by a hard link, of which its -journal knows nothing',
      wrong: broken,
    },
    {
      name: 'symbolic-link',
      says: 'the database is opened by a symbolic link, which SQLite resolves (3.10.0 and later)',
    },
    { name: 'same-name', says: 'the database is opened by the name that the writer used' },
  ],
  module: new URL('./links.program.ts', import.meta.url).href,
  programs: ['writer', 'visitor'],
  journal: () => 'delete',
  ranges: { transactions: [2, 4] },
  faults: (random) => [{ kind: 'kill', at: { lane: 'writer', op: 'write', role: 'db', nth: between(random, 2, 16) } }],
  start: (way, { transactions }) => [process('writer', { way, transactions }), process('visitor', { way })],
});
