// 1.2: a copy of a database that somebody writes to.
import { process, section } from './section.ts';

const sound = ['integrity', 'acknowledged-commits'];

export const liveCopy = section({
  section: '1.2',
  name: 'live-copy',
  title: 'Backup or restore while a transaction is active',
  says: 'a backup is made while somebody writes; the backup is what is judged',
  ways: [
    { name: 'cp', says: 'copied page by page, as cp does, with a rollback journal', wrong: sound },
    { name: 'cp-with-wal', says: 'the database and then its -wal copied page by page', wrong: sound },
    { name: 'cp-without-wal', says: 'the database copied without its -wal', wrong: sound },
    { name: 'backup-api', says: 'SQLite’s backup API, a few pages at a time' },
    { name: 'backup-at-once', says: 'SQLite’s backup API in one step, as the shell’s .backup' },
    { name: 'vacuum-into', says: 'VACUUM INTO' },
  ],
  database: 'backup.db',
  module: new URL('./live-copy.program.ts', import.meta.url).href,
  programs: ['writer', 'backup'],
  journal: (way) => (way.includes('wal') ? 'wal' : 'delete'),
  ranges: { transactions: [4, 12], afterMs: [1, 8] },
  start: (way, { transactions, afterMs }) => [process('writer', { transactions }), process('backup', { way, afterMs })],
});
