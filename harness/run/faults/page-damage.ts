// What corruption does to the bytes of one b-tree page: pure functions, from a page to a damaged copy. What stays out:
// which page, and where it lies (corrupt.ts, database-file.ts).
import { cellsOf, varint } from '../../observe/database-file.ts';

/** A damaged page and what was done to it, in words. */
export interface Damage {
  readonly page: Buffer;
  readonly says: string;
}

/** Uniform in [0, 1). */
type Random = () => number;

function below(random: Random, bound: number): number {
  return Math.floor(random() * bound);
}

export function randomBytes(random: Random, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => below(random, 256)));
}

/** Every byte is another; the first is none with which a b-tree page begins. */
export function scramble(page: Buffer, random: Random): Damage {
  const bytes = randomBytes(random, page.length);
  bytes[0] = (bytes[0] ?? 0) | 0x80;
  return { page: bytes, says: 'overwritten' };
}

const pointersAt = 8;

/** Two neighbouring cell pointers of a table leaf change places. The page must have two cells. */
export function swapRows(page: Buffer, random: Random): Damage {
  const first = below(random, cellsOf(page).length - 1);
  const bytes = Buffer.from(page);
  const at = pointersAt + 2 * first;
  bytes.writeUInt16BE(page.readUInt16BE(at + 2), at);
  bytes.writeUInt16BE(page.readUInt16BE(at), at + 2);
  return { page: bytes, says: `rows ${first} and ${first + 1} of ${cellsOf(page).length} swapped` };
}

/**
 * Bytes of a cell of an index leaf, and whether all of its key is on the page (fileformat2.html, section 1.6: U, X, M
 * and K are its letters).
 */
function indexCell(page: Buffer, at: number, usable: number): { readonly bytes: number; readonly isWhole: boolean } {
  const { value: P, next } = varint(page, at);
  const head = next - at;
  const X = Math.floor(((usable - 12) * 64) / 255) - 23;
  if (P <= X) return { bytes: Math.max(4, head + P), isWhole: true };
  const M = Math.floor(((usable - 12) * 32) / 255) - 23;
  const K = M + ((P - M) % (usable - 4));
  return { bytes: head + (K <= X ? K : M) + 4, isWhole: false };
}

/** The entries of an index leaf that can go without leaving pages of their own behind; none of a page that is damaged. */
export function droppableEntries(page: Buffer, usable: number): readonly number[] {
  const pointers = cellsOf(page);
  const cells = pointers.map((at) => ({ at, ...indexCell(page, at, usable) }));
  const room = usable - pointersAt - 2 * cells.length;
  const isSound = cells.every(({ at, bytes }) => at + bytes <= usable) && sumOf(cells) <= room;
  return isSound ? cells.flatMap(({ isWhole }, i) => (isWhole ? [i] : [])) : [];
}

function sumOf(cells: readonly { readonly bytes: number }[]): number {
  return cells.reduce((sum, { bytes }) => sum + bytes, 0);
}

/**
 * An entry of an index leaf is gone, and its room is free, as after a DELETE: the page is sound, but a row has lost its
 * entry. All cells that stay are laid out anew.
 */
export function dropEntry(page: Buffer, usable: number, random: Random): Damage {
  const entries = droppableEntries(page, usable);
  const gone = entries[below(random, entries.length)];
  const cells = cellsOf(page);
  const staying = cells.filter((_, i) => i !== gone);
  const bytes = Buffer.from(page);
  bytes.fill(0, pointersAt, usable);
  let start = usable;
  for (const [i, at] of staying.entries()) {
    const length = indexCell(page, at, usable).bytes;
    start -= length;
    page.copy(bytes, start, at, at + length);
    bytes.writeUInt16BE(start, pointersAt + 2 * i);
  }
  bytes.writeUInt16BE(0, 1); // no free block
  bytes.writeUInt16BE(staying.length, 3);
  bytes.writeUInt16BE(start % 65_536, 5); // 0 stands for 65536
  bytes[7] = 0; // no fragment
  return { page: bytes, says: `entry ${gone} of ${cells.length} dropped` };
}
