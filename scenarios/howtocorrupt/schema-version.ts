// 7, of the schema: a number that tells other connections of a changed schema, and what becomes of them when it lies.
import { process, section } from './section.ts';

export const schemaVersion = section({
  section: '7',
  name: 'schema-version',
  title: 'SQLite Configuration Errors',
  says: 'the schema is changed while a writer and a long reader have the database open',
  ways: [
    {
      name: 'version-put-back',
      says: 'an index is made, and PRAGMA schema_version is set to what it was before: the writer knows nothing of the index',
      wrong: ['integrity'],
    },
    { name: 'version-by-itself', says: 'an index is made, and SQLite raises the version by itself' },
    {
      name: 'version-put-back-defensive',
      says: 'an index is made, and under SQLITE_DBCONFIG_DEFENSIVE the PRAGMA does nothing',
      measured: true,
    },
    { name: 'column-added', says: 'a column is added, and the long reader sees it when its transaction has ended' },
  ],
  module: new URL('./schema-version.program.ts', import.meta.url).href,
  programs: ['writer', 'reader', 'changer'],
  journal: () => 'wal',
  ranges: { transactions: [2, 5] },
  start: (way, { transactions }) => [process('reader', null), process('writer', { way, transactions })],
});
