// Lane programs of hot-journal.ts.
import type { Json, World } from '../../harness/lane/world.ts';
import { commitPair, file, openFile } from './common.program.ts';

/** The plan has it die somewhere. */
export { committer as writer } from './common.program.ts';

/** Comes when the writer is gone, and tidies up, or not. */
export function janitor(world: World, args: Json): void {
  const { way } = args as { way: string };
  world.wait('writer');
  const side = `${file}-${way.startsWith('wal-') ? 'wal' : 'journal'}`;
  if (world.files.exists(side)) {
    world.observe('reached', null);
    if (way.endsWith('-deleted')) world.files.unlink(side);
    else if (way.endsWith('-renamed')) world.files.rename(side, `${side}.old`);
  }
  const db = openFile(world);
  commitPair(world, db, 0);
  db.close();
}
