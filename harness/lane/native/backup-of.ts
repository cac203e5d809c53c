// backup-of.ts in the native host.
import type { NativeBackup, NativeDatabase } from './host.ts';

export function backupOf(database: NativeDatabase, path: string): NativeBackup {
  return database.backup(path);
}
