// Lane programs of live-copy.ts.
import type { Json, World } from '../../harness/lane/world.ts';
import { addRow, file, openFile } from './common.program.ts';

const copy = 'backup.db';
const pageBytes = 512;

/** The table's rows that are there now: whatever copy is made from here on must have them. */
function mustHave(world: World): void {
  const db = openFile(world, { readonly: true });
  const keys = db.all("SELECT writer || ':' || n AS key FROM t").map((row) => String(row['key']));
  db.close();
  world.observe('committed', { table: 't', keys });
}

export function writer(world: World, args: Json): void {
  const { transactions } = args as { transactions: number };
  const db = openFile(world);
  for (let i = 0; i < transactions; i++) {
    db.immediate(() => {
      addRow(world, db, 2 * i);
      addRow(world, db, 2 * i + 1);
      // All indexes of all pages, so that there is much to write at COMMIT.
      db.run('UPDATE t SET payload = substr(payload, 7) || substr(payload, 1, 6) WHERE id % 3 = ?', i % 3);
    });
    world.sleep(1);
  }
  db.close();
}

/** As cp(1) does: a piece, and then the next. */
function copyPages(world: World, from: string, to: string): void {
  const source = world.files.open(from, 'r');
  const target = world.files.open(to, 'w');
  for (let offset = 0; ; offset += pageBytes) {
    const bytes = source.read(pageBytes, offset);
    if (bytes.length === 0) break;
    target.write(bytes, offset);
    if (offset % (4 * pageBytes) === 0) world.sleep(1);
  }
  source.close();
  target.close();
}

function byBackup(world: World, pages: number): void {
  const db = openFile(world, { readonly: true });
  const backup = db.backup(copy);
  while (backup.step(pages) !== 0) world.sleep(1);
  backup.close();
  db.close();
}

export function backup(world: World, args: Json): void {
  const { way, afterMs } = args as { way: string; afterMs: number };
  world.sleep(afterMs);
  mustHave(world);
  world.observe('reached', null);
  if (way === 'cp') copyPages(world, file, copy);
  else if (way === 'cp-with-wal') {
    copyPages(world, file, copy);
    if (world.files.exists(`${file}-wal`)) copyPages(world, `${file}-wal`, `${copy}-wal`);
  } else if (way === 'cp-without-wal') copyPages(world, file, copy);
  else if (way === 'backup-api') byBackup(world, 8);
  else if (way === 'backup-at-once') byBackup(world, -1);
  else {
    const db = openFile(world);
    db.run('VACUUM INTO ?', copy);
    db.close();
  }
}
