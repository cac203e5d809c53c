// Lane programs of cancelled-locks.ts and two-libraries.ts.
import type { Json, World } from '../../harness/lane/world.ts';
import { commitPair, file, openFile } from './common.program.ts';

export { committer as other } from './common.program.ts';

/** Reads the database in the middle of a transaction of this process, in one way or another. */
function look(world: World, way: string): void {
  world.observe('reached', null);
  if (way === 'opened-and-closed') world.files.read(file, { length: 100 });
  else if (way === 'opened-by-a-thread') {
    world.thread('reader', 'reader');
    world.wait(`${world.process}/reader`);
  } else if (way === 'read-by-another') {
    world.spawn('reader', 'reader');
    world.wait('reader');
  } else {
    const db = openFile(world, { readonly: true, library: way === 'two-libraries' ? 2 : 1 });
    db.get('SELECT count(*) AS n FROM t');
    db.close();
  }
  world.sleep(3);
}

export function app(world: World, args: Json): void {
  const { way, transactions } = args as { way: string; transactions: number };
  const db = openFile(world);
  for (let i = 0; i < transactions; i++) {
    commitPair(world, db, i, i === 0 ? () => look(world, way) : () => world.sleep(1));
    world.sleep(1);
  }
  db.close();
}

export function reader(world: World): void {
  world.files.read(file, { length: 100 });
}
