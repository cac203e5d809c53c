// 7: settings that take SQLite's safety away.
import { between, process, section } from './section.ts';

const broken = ['integrity', 'acknowledged-commits', 'whole-transactions'];

export const configuration = section({
  section: '7',
  name: 'configuration',
  title: 'SQLite Configuration Errors',
  says: 'a writer that has switched off what protects its database dies',
  ways: [
    { name: 'journal-off', says: 'PRAGMA journal_mode=OFF, and the writer dies in a transaction', wrong: broken },
    { name: 'journal-memory', says: 'PRAGMA journal_mode=MEMORY, and the writer dies in a transaction', wrong: broken },
    { name: 'schema-written', says: 'PRAGMA writable_schema=ON, and an UPDATE of the schema', wrong: broken },
    { name: 'journal-delete', says: 'PRAGMA journal_mode=DELETE, and the writer dies in a transaction' },
    { name: 'defensive-off', says: 'PRAGMA journal_mode=OFF under SQLITE_DBCONFIG_DEFENSIVE, which ignores it' },
  ],
  module: new URL('./configuration.program.ts', import.meta.url).href,
  programs: ['writer', 'visitor'],
  journal: () => 'delete',
  ranges: { transactions: [2, 4] },
  faults: (random) => [{ kind: 'kill', at: { lane: 'writer', op: 'write', role: 'db', nth: between(random, 2, 16) } }],
  start: (way, { transactions }) => [process('writer', { way, transactions }), process('visitor', null)],
});
