// Lane programs of stray-pointer.ts.
import { FileError, type Json, type World } from '../../harness/lane/world.ts';
import { commitPair, file, openFile } from './common.program.ts';

export { committer as other } from './common.program.ts';

/** Where the wal-index says which page each frame holds (walformat.html, section 2.1): 4 bytes a frame. */
const pagesAt = 136;

/** What a process can have of its database in its memory. */
const mapped: { readonly [way: string]: string } = { 'map-of-the-index': `${file}-shm`, 'map-of-the-database': file };

/** A wild pointer: four bytes that were meant for something else. */
function stray(world: World, way: string, place: number, value: number): void {
  try {
    world.files.poke(mapped[way] ?? `${file}-shm`, new Uint8Array([value, 0, 0, 0]), pagesAt + 4 * place);
  } catch (error) {
    // It may only be read, or it is in no memory: a real program would be dead, or have broken something of its own.
    if (!(error instanceof FileError)) throw error;
    world.observe('hit-nothing', error.code);
  }
}

export function app(world: World, args: Json): void {
  const { way, transactions, place, value } = args as {
    way: string;
    transactions: number;
    place: number;
    value: number;
  };
  const db = openFile(world);
  db.exec(`PRAGMA wal_autocheckpoint=8; PRAGMA mmap_size=${way === 'map-of-the-database' ? 1_000_000 : 0}`);
  for (let i = 0; i < transactions; i++) {
    commitPair(world, db, i);
    if (i === 0) {
      world.observe('reached', null);
      stray(world, way, place, value);
    }
    world.sleep(1);
  }
  db.close();
}
