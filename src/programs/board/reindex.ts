// Auto-REINDEX: damage that integrity_check finds in indexes only is mended in place (#68654). What stays out: other damage, and who
// else may be about the same at the same time, which the reported code does not ask (#53819).
import type { BoardUse } from '../../policies/corruption/corruption.ts';
import type { Connection } from '../../../harness/lane/world.ts';
import { SqlError } from '../../../harness/lane/world.ts';
import { backupPrefix, backupsOf, backUpOnce } from '../../board-file/backups.ts';
import { fingerprint } from '../../board-file/fingerprint.ts';
import { unlessOsError } from '../../board-file/os-error.ts';

const backupsMost = 10;
const ofAnIndex = /^(wrong # of entries in index |row \d+ missing from index |non-unique entry in index )/;

function complaints(connection: Connection): readonly string[] {
  const lines = connection.all('PRAGMA integrity_check').map((row) => String(row['integrity_check']));
  return lines.filter((line) => line.toLowerCase() !== 'ok');
}

/** One copy of this state of the file, and the oldest of those before it given up. */
function backUp(use: BoardUse): void {
  const { world, file } = use;
  use.raw(() => backUpOnce(world, file, `${backupPrefix(file)}${fingerprint(world, file)}.bak`));
  const copies = backupsOf(world, file).filter((name) => name.endsWith('.bak'));
  const ages = copies.map((name) => ({ name, mtimeNs: unlessOsError(() => world.files.stat(name)?.mtimeNs) ?? 0 }));
  const oldest = ages.toSorted((a, b) => a.mtimeNs - b.mtimeNs).slice(0, Math.max(0, copies.length - backupsMost));
  for (const { name } of oldest) unlessOsError(() => world.files.unlink(name));
}

/** @param open opens a connection, gives it to its argument, and closes it. Result: is the board sound now? */
export function mendIndexes(use: BoardUse, open: <T>(body: (connection: Connection) => T) => T): boolean {
  try {
    const found = open(complaints);
    if (found.length === 0 || !found.every((line) => ofAnIndex.test(line))) return found.length === 0;
    backUp(use);
    return open((connection) => {
      connection.exec('REINDEX');
      const left = complaints(connection);
      use.world.observe('reindexed', { by: use.world.process, board: use.file, sound: left.length === 0 });
      return left.length === 0;
    });
  } catch (error) {
    if (error instanceof SqlError) return false;
    throw error;
  }
}
