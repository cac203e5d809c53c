// A database file as bytes: which b-tree pages it has, whose they are, and where SQLite reads each one's newest version:
// in the file, or in -wal (fileformat2.html). For faults that change bytes from outside. A broken file gives what can be
// read of it. What stays out: rows, and everything but the first four columns of the schema.

/** Kinds of b-tree pages by the first byte of their header (fileformat2.html, section 1.6). */
export const pageKinds = { 2: 'index-interior', 5: 'table-interior', 10: 'index-leaf', 13: 'table-leaf' } as const;
export type PageKind = (typeof pageKinds)[keyof typeof pageKinds];

/**
 * A b-tree page other than page 1.
 *
 * @property number 1 is the first page of the file
 * @property owner name of the table or index it belongs to
 * @property inFile its newest version is in the file: a reader gets it from there, and no checkpoint writes over it
 */
export interface TreePage {
  readonly number: number;
  readonly kind: PageKind;
  readonly owner: string;
  readonly of: 'table' | 'index';
  readonly isRoot: boolean;
  readonly inFile: boolean;
}

export interface DatabaseFile {
  readonly pageBytes: number;
  /** Bytes of a page that b-trees use. */
  readonly usable: number;
  /** In the order of their numbers. */
  readonly pages: readonly TreePage[];
}

interface Source {
  readonly usable: number;
  page(number: number): Buffer | undefined;
  isInWal(number: number): boolean;
}

const headerBytes = 100;
const magic = 'SQLite format 3\0';

/** Result: undefined when the file does not begin as a database does. */
export function readDatabaseFile(file: Buffer, wal: Buffer | undefined): DatabaseFile | undefined {
  if (file.length < headerBytes || file.toString('latin1', 0, 16) !== magic) return undefined;
  const stored = file.readUInt16BE(16);
  const pageBytes = stored === 1 ? 65_536 : stored;
  const usable = pageBytes - (file[20] ?? 0);
  if (pageBytes < 512 || usable < 480) return undefined;
  const frames = wal === undefined ? new Map<number, Buffer>() : committedFrames(wal, pageBytes);
  const source: Source = {
    usable,
    page: (number) => {
      const bytes = frames.get(number) ?? file.subarray((number - 1) * pageBytes, number * pageBytes);
      return number > 0 && bytes.length === pageBytes ? bytes : undefined;
    },
    isInWal: (number) => frames.has(number),
  };
  const pages = treesOf(source).flatMap((tree) => pagesOf(source, tree));
  return { pageBytes, usable, pages: pages.filter(({ number }) => number > 1).toSorted((a, b) => a.number - b.number) };
}

/** How many pages of a database have their newest committed version in its write-ahead log. */
export function committedPages(file: Buffer, wal: Buffer): number {
  if (file.length < headerBytes) return 0;
  const stored = file.readUInt16BE(16);
  return committedFrames(wal, stored === 1 ? 65_536 : stored).size;
}

// ---- the write-ahead log (fileformat2.html, section 4) ----

const walHeaderBytes = 32;
const frameHeaderBytes = 24;

/** The newest committed version of each page in a write-ahead log. */
function committedFrames(wal: Buffer, pageBytes: number): ReadonlyMap<number, Buffer> {
  const committed = new Map<number, Buffer>();
  if (wal.length < walHeaderBytes || wal.readUInt32BE(8) !== pageBytes) return committed;
  const sum = new WalChecksum((wal.readUInt32BE(0) & 1) === 1);
  sum.add(wal.subarray(0, 24));
  if (!sum.equals(wal, 24)) return committed;
  const salts = wal.subarray(16, 24);
  const open = new Map<number, Buffer>();
  for (let at = walHeaderBytes; at + frameHeaderBytes + pageBytes <= wal.length; at += frameHeaderBytes + pageBytes) {
    const page = wal.subarray(at + frameHeaderBytes, at + frameHeaderBytes + pageBytes);
    sum.add(wal.subarray(at, at + 8));
    sum.add(page);
    if (!salts.equals(wal.subarray(at + 8, at + 16)) || !sum.equals(wal, at + 16)) break;
    open.set(wal.readUInt32BE(at), page);
    if (wal.readUInt32BE(at + 4) === 0) continue; // no commit frame
    for (const [number, newest] of open) committed.set(number, newest);
    open.clear();
  }
  return committed;
}

/** The checksum over header and frames, each continuing the last (fileformat2.html, section 4.2). */
class WalChecksum {
  readonly #littleEndian: boolean;
  #s0 = 0;
  #s1 = 0;

  constructor(bigEndian: boolean) {
    this.#littleEndian = !bigEndian;
  }

  add(bytes: Buffer): void {
    // In locals and 32-bit integers: whoever examines a thousand disks spends more here than on opening them.
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const littleEndian = this.#littleEndian;
    let s0 = this.#s0 | 0;
    let s1 = this.#s1 | 0;
    for (let at = 0; at < bytes.length; at += 8) {
      s0 = (s0 + view.getInt32(at, littleEndian) + s1) | 0;
      s1 = (s1 + view.getInt32(at + 4, littleEndian) + s0) | 0;
    }
    this.#s0 = s0 >>> 0;
    this.#s1 = s1 >>> 0;
  }

  equals(bytes: Buffer, at: number): boolean {
    return bytes.readUInt32BE(at) === this.#s0 && bytes.readUInt32BE(at + 4) === this.#s1;
  }
}

// ---- b-trees (section 1.6) ----

interface Tree {
  readonly root: number;
  readonly owner: string;
  readonly of: 'table' | 'index';
}

interface Visited {
  readonly number: number;
  readonly kind: PageKind;
  readonly bytes: Buffer;
  /** Where its header begins. */
  readonly at: number;
}

export function isPageKind(byte: number | undefined): byte is keyof typeof pageKinds {
  return byte !== undefined && byte in pageKinds;
}

/** All pages of the tree below `root`, each once; what is no b-tree page is passed over. */
function visit(source: Source, root: number): readonly Visited[] {
  const seen = new Set<number>();
  const found: Visited[] = [];
  const waiting = [root];
  for (let number = waiting.pop(); number !== undefined; number = waiting.pop()) {
    const bytes = source.page(number);
    const at = number === 1 ? headerBytes : 0;
    const byte = bytes?.[at];
    if (bytes === undefined || seen.has(number) || !isPageKind(byte)) continue;
    seen.add(number);
    const kind = pageKinds[byte];
    found.push({ number, kind, bytes, at });
    if (kind === 'index-leaf' || kind === 'table-leaf') continue;
    const children = cellsOf(bytes, at).map((cell) => (cell + 4 <= bytes.length ? bytes.readUInt32BE(cell) : 0));
    waiting.push(...children, bytes.readUInt32BE(at + 8));
  }
  return found;
}

/** Where the cells of a b-tree page begin, in the order of their keys. */
export function cellsOf(page: Buffer, at = 0): readonly number[] {
  const first = at + (page[at] === 10 || page[at] === 13 ? 8 : 12);
  const fitting = Math.floor((page.length - first) / 2);
  const count = Math.min(page.readUInt16BE(at + 3), fitting);
  return Array.from({ length: count }, (_, i) => page.readUInt16BE(first + 2 * i));
}

function pagesOf(source: Source, { root, owner, of }: Tree): readonly TreePage[] {
  return visit(source, root).map(({ number, kind }) => {
    return { number, kind, owner, of, isRoot: number === root, inFile: !source.isInWal(number) };
  });
}

/** The schema, which is the table on page 1, and the tables and indexes in it. */
function treesOf(source: Source): readonly Tree[] {
  const inSchema = visit(source, 1)
    .filter(({ kind }) => kind === 'table-leaf')
    .flatMap(({ bytes, at }) => cellsOf(bytes, at).map((cell) => schemaRow(bytes, cell)))
    .filter((tree) => tree !== undefined);
  return [{ root: 1, owner: 'sqlite_schema', of: 'table' }, ...inSchema];
}

/** A row of sqlite_schema: type, name, tbl_name, rootpage, sql. Undefined for views and triggers, which have no pages. */
function schemaRow(page: Buffer, cell: number): Tree | undefined {
  const payload = varint(page, cell);
  const rowid = varint(page, payload.next);
  const header = varint(page, rowid.next);
  let type = header.next;
  let value = rowid.next + header.value;
  const columns = Array.from({ length: 4 }, () => {
    const serial = varint(page, type);
    type = serial.next;
    const bytes = page.subarray(value, value + serialBytes(serial.value));
    value += bytes.length;
    return bytes;
  });
  const [of, owner, , root] = columns;
  const what = of?.toString();
  if ((what !== 'table' && what !== 'index') || root === undefined || root.length === 0 || root.length > 6)
    return undefined;
  return { of: what, owner: owner?.toString() ?? '', root: root.readUIntBE(0, root.length) };
}

/** Bytes of a value by its serial type (section 2.1). */
function serialBytes(type: number): number {
  if (type >= 12) return Math.floor((type - 12) / 2);
  return [0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0][type] ?? 0;
}

/** A variable-length integer (section 1.6): seven bits a byte, eight in a ninth; beyond 53 bits no matter. */
export function varint(bytes: Buffer, at: number): { readonly value: number; readonly next: number } {
  let value = 0;
  for (let i = 0; i < 8; i++) {
    const byte = bytes[at + i] ?? 0;
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) return { value, next: at + i + 1 };
  }
  return { value: value * 256 + (bytes[at + 8] ?? 0), next: at + 9 };
}
