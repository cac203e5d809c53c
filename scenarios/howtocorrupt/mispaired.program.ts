// Lane programs of mispaired.ts.
import type { Json, World } from '../../harness/lane/world.ts';
import { commitPair, commitPairs, file, openFile } from './common.program.ts';

/** The plan has it die somewhere. */
export function writer(world: World, args: Json): void {
  const { transactions } = args as { transactions: number };
  const db = openFile(world);
  db.exec('PRAGMA wal_autocheckpoint=8');
  commitPairs(world, db, transactions);
  db.close();
}

/** Takes a copy while nobody writes, and puts it back when the writer is dead. */
export function operator(world: World, args: Json): void {
  const { way } = args as { way: string };
  world.files.copy(file, 'old.db');
  world.spawn('writer', 'writer', args);
  world.wait('writer');
  const sides = ['-journal', '-wal', '-shm'].map((end) => file + end).filter((side) => world.files.exists(side));
  if (sides.length > 0) world.observe('reached', null);
  // Whoever restores wants an older state: what came later may be gone.
  world.observe('committing', { table: 't', keys: [], gone: 'any' });
  if (way.endsWith('-alone')) for (const side of sides) world.files.unlink(side);
  world.files.rename('old.db', file);
  const db = openFile(world);
  commitPair(world, db, 0);
  db.close();
}
