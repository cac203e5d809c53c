import type { Journal } from './journal.ts';

/** Versions with the WAL-reset bug, as upstream counts them: 3.7.0 to 3.51.2, but 3.44.6 and 3.50.7 (#70055; sqlite.org/wal.html). */
export function hasWalReset(version: string): boolean {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  if (version === '3.44.6' || version === '3.50.7') return false;
  return major === 3 && minor >= 7 && (minor < 51 || (minor === 51 && patch <= 2));
}

export const versionGate: Journal = {
  says: 'WAL is not enabled on a SQLite with the WAL-reset bug: a new board gets DELETE, one that has WAL keeps it (#70055)',
  mode: 'WAL',
  modeOn(connection) {
    if (!hasWalReset(String(connection.get('SELECT sqlite_version() AS version')?.['version']))) return 'WAL';
    return connection.get('PRAGMA journal_mode')?.['journal_mode'] === 'wal' ? undefined : 'DELETE';
  },
};
