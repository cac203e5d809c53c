// Lane programs of moved-away.ts.
import type { Json, World } from '../../harness/lane/world.ts';
import { commitPair, file, openFile, setup } from './common.program.ts';

export { committer as writer } from './common.program.ts';

/** Wants an empty database, and puts the old one away. */
export function operator(world: World, args: Json): void {
  const { way, afterMs, journal } = args as { way: string; afterMs: number; journal: string };
  world.sleep(afterMs);
  if (way === 'closed-first') world.wait('writer');
  world.observe('reached', null);
  world.observe('committing', { table: 't', keys: [], gone: 'any' });
  if (way.endsWith('unlinked')) world.files.unlink(file);
  else world.files.rename(file, 'app.old.db');
  for (const side of way === 'wal-renamed' ? ['-wal', '-shm'] : [])
    if (world.files.exists(file + side)) world.files.rename(file + side, `app.old.db${side}`);
  setup(world, { journal, pageBytes: 512 });
  const db = openFile(world);
  commitPair(world, db, 0);
  db.close();
}
